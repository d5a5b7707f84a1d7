import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { batch } from '../../../src/upstream/batch.js';
import { answering, all, callOf, ok, request, shop } from './calls.js';

const key = fc.integer({ min: 1, max: 12 }).map((n) => `i-${n}`);
const entity = (id: unknown, version: number) => ({ id, title: `${String(id)} #${version}`, price: version });

/** What a product may do to its list of entities. */
const upset = fc.record({
  missing: fc.uniqueArray(key, { maxLength: 4 }),
  twice: fc.uniqueArray(key, { maxLength: 4 }),
  superfluous: fc.uniqueArray(
    key.map((id) => `${id}x`),
    { maxLength: 3 },
  ),
  broken: fc.array(fc.constantFrom(null, undefined, 7, '', 'I-1', {}, ['i-1'], true), { maxLength: 2 }),
  seed: fc.infiniteStream(fc.nat()),
});

it('gives each key its own entity, absent or "can`t be told", whatever the product does to its list', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { minLength: 2, maxLength: 12 }),
      upset,
      async (asked, { missing, twice, superfluous, broken, seed }) => {
        const by = request();
        const lists: (readonly string[])[] = [];
        const next = answering((call) => {
          const ids = (call.input['ids'] ?? [call.input['id']]) as readonly string[];
          if (call.endpoint.operation.name === 'getItem') return ok(entity(ids[0], 1));
          lists.push(ids);
          const items: unknown[] = ids.filter((id) => !missing.includes(id)).map((id) => entity(id, 1));
          items.push(...superfluous.map((id) => entity(id, 1)), ...broken.map((id) => entity(id, 1)));
          const order = items.map((item) => [seed.next().value ?? 0, item] as const).sort(([a], [b]) => a - b);
          const shuffled = order.map(([, item]) => item);
          shuffled.push(...twice.filter((id) => ids.includes(id) && !missing.includes(id)).map((id) => entity(id, 2))); // a second one counts for nothing
          return ok({ items: shuffled });
        });
        const layer = batch(() => undefined);
        const outcomes = await all(asked.map((id) => layer(callOf(shop.getItem, { id, shelf: 'a' }, by), next)));

        const told = (id: string): object => {
          if (!missing.includes(id)) return { ok: true, value: entity(id, 1) };
          return { failure: broken.length > 0 ? { kind: 'contract', fields: ['items.id'] } : { kind: 'declared', error: 'itemNotFound' } };
        };
        expect(outcomes).toMatchObject(asked.map(told));
        const keys = new Set(asked);
        expect(lists.flat().toSorted()).toEqual([...keys].toSorted());
        expect(lists).toHaveLength(Math.ceil(keys.size / 3));
      },
    ),
    { numRuns: 500 },
  );
});
