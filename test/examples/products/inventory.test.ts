import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Shortage, Stock } from '#contracts/products/inventory/v1.js';
import { inventoryProduct } from '../../../examples/products/inventory/product.js';
import { running } from '../kit-fixture.js';
import { walk } from './walk.js';

describe('inventory', () => {
  it('knows the stock of items i-0001 to i-0300 and of no other', async () => {
    await using inventory = await running(inventoryProduct);
    expect(Stock.parse((await inventory.get('/v1/stock/i-0300')).body).itemId).toBe('i-0300');
    expect(await inventory.get('/v1/stock/i-0301')).toMatchObject({ status: 404, body: { code: 'stockNotFound' } });
  });

  it('gives stock by item ids, without those that it does not know', async () => {
    await using inventory = await running(inventoryProduct);
    const { stock } = z
      .object({ stock: z.array(Stock) })
      .parse((await inventory.get('/v1/stock?itemIds=i-0002&itemIds=i-0301&itemIds=i-0001')).body);
    expect(stock.map(({ itemId }) => itemId).toSorted()).toEqual(['i-0001', 'i-0002']);
  });

  it('lists the twelve items that are short, the same on every machine, and they agree with the stock', async () => {
    const shortages = async (): Promise<z.output<typeof Shortage>[]> => {
      await using inventory = await running(inventoryProduct);
      return await walk(inventory, '/v1/shortages', 'shortages', Shortage);
    };
    const short = await shortages();
    expect(short).toHaveLength(12);
    for (const { available, reorderPoint } of short) expect(available).toBeLessThan(reorderPoint);
    expect(await shortages()).toEqual(short);
    await using inventory = await running(inventoryProduct);
    const query = short.map(({ itemId }) => `itemIds=${itemId}`).join('&');
    const { stock } = z.object({ stock: z.array(Stock) }).parse((await inventory.get(`/v1/stock?${query}`)).body);
    expect(stock.map(({ itemId, available }) => ({ itemId, available }))).toEqual(
      short.map(({ itemId, available }) => ({ itemId, available })),
    );
  });
});
