import { describe, expect, it } from '@jest/globals';
import { openLibrary } from '../edge/library.js';
import { OpsPort } from '../ops/operator.js';
import { ProductsAnswer } from '../../src/ops/schemas.js';
import { Holding, settled, times } from './holding.js';

const CAP = 20;
const QUEUE = 30;
const REQUESTS = 500;
const TIGHT = `bulkhead: { concurrent: ${CAP}, queue: ${QUEUE}, wait: 1s }\n    connections: 300`;

describe('a product that holds 500 requests', () => {
  it('has never more calls than its cap; the rest is told at once, and what needs it not is answered', async () => {
    await using subject = await openLibrary({ policies: { people: TIGHT } });
    const { gateway, readers } = subject;
    const holding = new Holding(readers, 'getReader', () => ({ body: { id: 'r-1', name: 'Ada' } }));
    const held = times(REQUESTS, (nth) => gateway.get(`/products/people/v2/readers/r-${nth}`));
    await settled(held, REQUESTS - CAP - QUEUE);
    expect(readers.calls).toHaveLength(CAP);

    const others = times(100, (nth) => gateway.get(nth % 2 === 0 ? `/v1/books/b-${nth}` : '/v1/catalog'));
    for (const answer of await Promise.all(others)) expect(answer).toMatchObject({ status: 200, body: { complete: true } });
    const { products } = ProductsAnswer.parse((await new OpsPort(gateway.opsUrl).ask('/ops/products')).body);
    expect(products.map(({ product, inFlight, bulkhead }) => [product, inFlight, bulkhead?.waiting])).toEqual([
      ['library', 0, 0],
      ['people', CAP, QUEUE],
    ]);

    // Each answer lets in one of those that wait, and no more than that one.
    for (let answered = 1; answered <= QUEUE; answered++) {
      holding.answersOne();
      await readers.arrived(CAP + answered);
    }
    holding.opens();
    const answers = await Promise.all(held);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(REQUESTS - CAP - QUEUE);
    for (const { status, headers, body } of refused)
      expect([status, headers.get('retry-after'), body]).toMatchObject([503, '1', { code: 'busy', product: 'people' }]);
    expect([holding.most, readers.calls.length]).toEqual([CAP, CAP + QUEUE]);
  }, 30_000);

  it('is named as what is missing in answers that can do without it, and those are not held', async () => {
    await using subject = await openLibrary({ policies: { people: `bulkhead: { concurrent: ${CAP}, queue: 0, wait: 1ms }` } });
    const { gateway, readers } = subject;
    readers.hangs('getReader');
    const held = times(CAP, (nth) => gateway.get(`/products/people/v2/readers/r-${nth}`));
    await readers.arrived(CAP);
    for (const answer of await Promise.all(times(100, (nth) => gateway.get(`/v1/books/b-${nth}?reader=r-1`))))
      expect(answer).toMatchObject({
        status: 200,
        body: { data: { greeting: null }, complete: false, parts: { reader: { state: 'failed', product: 'people', reason: 'busy' } } },
      });
    expect(readers.calls).toHaveLength(CAP);
    gateway.clock.advance(500);
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual(times(CAP, () => 504));
    await readers.hungUp(CAP);
    readers.mends();
    expect(await gateway.get('/v1/books/b-1?reader=r-1')).toMatchObject({ status: 200, body: { complete: true } });
  }, 30_000);
});
