import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Category, Item, Order } from '#contracts/products/new-pilot-shop/v1.js';
import { shopProduct } from '../../../examples/products/new-pilot-shop/product.js';
import { running } from '../kit-fixture.js';
import { walk } from './walk.js';

type Order = z.output<typeof Order>;
const newestFirst = (a: Order, b: Order): number => b.placedAt.localeCompare(a.placedAt) || b.id.localeCompare(a.id);
const count = (values: Iterable<unknown>): number => new Set(values).size;

describe('new-pilot-shop', () => {
  it('has a catalog of 320 items, i-0001 to i-0320, with names of their own', async () => {
    await using shop = await running(shopProduct);
    const items = await walk(shop, '/v1/search/items', 'items', Item);
    expect(items.map((item) => item.id)).toEqual(Array.from({ length: 320 }, (_, i) => `i-${String(i + 1).padStart(4, '0')}`));
    expect(count(items.map((item) => item.name))).toBe(320);
    expect(items.some((item) => item.imageUrl === undefined)).toBe(true);
  });

  it('splits the catalog into its categories', async () => {
    await using shop = await running(shopProduct);
    const shelves = await Promise.all(
      Category.options.map((category) => walk(shop, `/v1/search/items?category=${category}`, 'items', Item)),
    );
    shelves.forEach((items, i) => expect(count([...items.map((item) => item.category), Category.options[i]])).toBe(1));
    expect(count(shelves.flat().map((item) => item.id))).toBe(320);
  });

  it('gives items by their ids, without those that are not there', async () => {
    await using shop = await running(shopProduct);
    const { items } = z.object({ items: z.array(Item) }).parse((await shop.get('/v1/items?ids=i-0300&ids=i-9999&ids=i-0001')).body);
    expect(items.map((item) => item.id).toSorted()).toEqual(['i-0001', 'i-0300']);
    expect(await shop.get('/v1/items/i-0300')).toMatchObject({ status: 200, body: items.find((item) => item.id === 'i-0300') });
    expect(await shop.get('/v1/items/i-9999')).toMatchObject({ status: 404, body: { code: 'itemNotFound' } });
  });

  it('has 600 orders of all kinds, newest first, the same on every machine', async () => {
    const all = async (): Promise<Order[]> => {
      await using shop = await running(shopProduct);
      return await walk(shop, '/v1/orders', 'orders', Order);
    };
    const orders = await all();
    expect(count(orders.map((order) => order.id))).toBe(600);
    expect(orders).toEqual(orders.toSorted(newestFirst));
    expect(count(orders.map((order) => order.customerId))).toBe(200);
    expect(count(orders.map((order) => order.payment.kind))).toBe(3);
    expect(count(orders.map((order) => order.status))).toBe(5);
    expect(orders.some((order) => order.delivery === null)).toBe(true);
    expect(await all()).toEqual(orders);
  });

  it('gives the orders of one customer, newest first, and each of them alone', async () => {
    await using shop = await running(shopProduct);
    const all = await walk(shop, '/v1/orders', 'orders', Order);
    const own = await walk(shop, '/v1/orders?customerId=u-0001', 'orders', Order);
    expect(own.length).toBeGreaterThan(0);
    expect(own).toEqual(all.filter((order) => order.customerId === 'u-0001'));
    expect((await shop.get(`/v1/orders/${own[0]?.id}`)).body).toEqual(own[0]);
    expect(await shop.get('/v1/orders?customerId=u-0999')).toMatchObject({ status: 200, body: { orders: [], next: null } });
    expect(await shop.get('/v1/orders/o-9999')).toMatchObject({ status: 404, body: { code: 'orderNotFound' } });
  });

  it('sells only what is in the catalog', async () => {
    await using shop = await running(shopProduct);
    const items = new Set((await walk(shop, '/v1/search/items', 'items', Item)).map((item) => item.id));
    for (const order of await walk(shop, '/v1/orders', 'orders', Order)) {
      expect(order.lines.length).toBeGreaterThan(0);
      for (const line of order.lines) expect(items.has(line.itemId)).toBe(true);
    }
  });

  it('writes ibans that check', async () => {
    await using shop = await running(shopProduct);
    const payments = (await walk(shop, '/v1/orders', 'orders', Order)).map((order) => order.payment);
    const ibans = payments.flatMap((payment) => (payment.kind === 'iban' ? [payment.iban] : []));
    expect(ibans.length).toBeGreaterThan(0);
    for (const iban of ibans) expect(BigInt(`${iban.slice(4)}1314${iban.slice(2, 4)}`) % 97n).toBe(1n);
  });
});
