import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { BulkheadPolicy } from '../../../src/policy/snapshot.js';
import { Bulkheads, bulkhead } from '../../../src/upstream/bulkhead.js';
import { calmOperation } from '../../calm-policy.js';
import { handClock } from '../../hand-clock.js';
import { Below, type Request, callOf, drained, ok, request, shop } from './calls.js';

type Place = 'in flight' | 'waits' | 'ok' | 'busy' | 'cancelled' | 'bug';

const policy: fc.Arbitrary<BulkheadPolicy> = fc.record({
  concurrent: fc.integer({ min: 1, max: 4 }),
  queue: fc.integer({ min: 0, max: 4 }),
  waitMs: fc.constantFrom(10, 100),
});
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('comes' as const) }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('ends' as const), nth: fc.nat(), bug: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('leaves' as const), nth: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('time passes' as const), ms: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('policy changes' as const), policy }) },
);

/** A bulkhead said plainly: a list of calls in the order in which they came, each somewhere. */
class Model {
  readonly places: Place[] = [];
  readonly #until: number[] = [];
  now = 0;

  constructor(public policy: BulkheadPolicy) {}

  all(place: Place): number[] {
    return this.places.flatMap((at, id) => (at === place ? [id] : []));
  }

  comes(policy: BulkheadPolicy): void {
    this.policy = policy;
    this.fills();
    const free = this.all('in flight').length < policy.concurrent;
    this.#until.push(this.now + policy.waitMs);
    this.places.push(free ? 'in flight' : this.all('waits').length < policy.queue ? 'waits' : 'busy');
  }

  becomes(id: number, place: Place): void {
    this.places[id] = place;
    this.fills();
  }

  passes(ms: number): void {
    this.now += ms;
    for (const id of this.all('waits')) if ((this.#until[id] ?? 0) <= this.now) this.places[id] = 'busy';
  }

  fills(): void {
    for (const id of this.all('waits')) if (this.all('in flight').length < this.policy.concurrent) this.places[id] = 'in flight';
  }
}

it('has never more in flight than its cap, and serves in order, whatever happens', async () => {
  const bug = new Error('a mistake');
  await fc.assert(
    fc.asyncProperty(policy, fc.array(step, { maxLength: 100 }), async (first, steps) => {
      const clock = handClock();
      const bulkheads = new Bulkheads(clock);
      const layer = bulkhead(bulkheads);
      const below = new Below();
      const model = new Model(first);
      let inForce = first;
      const calls: Request[] = [];
      const seen: Place[] = [];
      /** Which call it was that went out at this place. */
      const sent = (): number[] => below.calls.map(({ input }) => Number(input['name']));
      const pick = (ids: readonly number[], nth: number): number | undefined => ids[nth % Math.max(1, ids.length)];

      for (const now of steps) {
        const before = sent().length;
        switch (now.does) {
          case 'comes': {
            const by = request({ policy: { product: { ...calmOperation(1).product, bulkhead: inForce } } });
            const id = calls.push(by) - 1;
            model.comes(inForce);
            seen.push('waits');
            void Promise.resolve(layer(callOf(shop.getCart, { name: String(id) }, by), below.next)).then(
              (outcome) => (seen[id] = outcome.ok ? 'ok' : (outcome.failure.kind as Place)),
              () => (seen[id] = 'bug'),
            );
            break;
          }
          case 'ends': {
            const id = pick(model.all('in flight'), now.nth);
            if (id === undefined) break;
            if (now.bug) below.crashes(bug, sent().indexOf(id));
            else below.lands(ok(id), sent().indexOf(id));
            model.becomes(id, now.bug ? 'bug' : 'ok');
            break;
          }
          case 'leaves': {
            const id = pick(model.all('waits'), now.nth);
            if (id === undefined) break;
            calls[id]?.cancellation.cancel('cancelled');
            model.becomes(id, 'cancelled');
            break;
          }
          case 'time passes':
            clock.advance(now.ms);
            model.passes(now.ms);
            break;
          case 'policy changes':
            inForce = now.policy;
            break;
        }
        await drained();
        for (const id of sent()) if (seen[id] === 'waits') seen[id] = 'in flight';
        expect(seen).toEqual(model.places);
        const [inFlight, waiting] = [model.all('in flight').length, model.all('waits').length];
        expect(bulkheads.of('shop')).toMatchObject({ inFlight, waiting });
        expect(inFlight <= model.policy.concurrent || sent().length === before).toBe(true); // above it only where it shrank
        expect(clock.pending).toBe(waiting);
      }
    }),
    { numRuns: 500 },
  );
});
