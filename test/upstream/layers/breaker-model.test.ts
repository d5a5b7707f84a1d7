import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { FailureKind } from '#contracts/kernel/index.js';
import type { BreakerPolicy } from '../../../src/policy/snapshot.js';
import type { Outcome } from '../../../src/upstream/answer.js';
import { type BreakerKind, Breakers, breaker } from '../../../src/upstream/breaker.js';
import { handClock } from '../../hand-clock.js';
import { Below, answering, callOf, drained, endpointOf, fails, ok, request, shop, throwing } from './calls.js';

type Verdict = 'well' | 'ill' | 'none';
type End = FailureKind | 'ok' | 'bug';

/** What a call's end says, written out and not taken from the table. */
const verdicts = {
  ok: 'well',
  declared: 'well',
  refused: 'well',
  contract: 'well',
  timeout: 'ill',
  unreachable: 'ill',
  malformed: 'ill',
  error: 'ill',
  throttled: 'none',
  open: 'none',
  limited: 'none',
  busy: 'none',
  budget: 'none',
  cancelled: 'none',
  bug: 'none',
} as const satisfies Record<End, Verdict>;

/** The breaker said plainly: it remembers every call, looks through all of them, and knows the time. */
class Model {
  kind: BreakerKind = 'closed';
  now = 0;
  told: BreakerKind[] = [];
  #counted: { readonly piece: number; readonly ill: boolean }[] = [];
  #windowMs = 0;
  #openedAt = 0;
  #factor = 1;
  #waitMs = 0;
  #failedTrials = 0;
  #wins = 0;
  /** Calls under way that began in the present state. */
  #listened = new Set<number>();

  constructor(readonly random: () => number) {}

  /** Seconds to wait where a call is refused. */
  begins(id: number, policy: BreakerPolicy): number | undefined {
    if (this.kind === 'open') {
      this.#waitMs = Math.round(policy.openMs * this.#factor);
      const left = this.#openedAt + this.#waitMs - this.now;
      if (left > 0) return Math.ceil(left / 1000);
      this.#turns('half-open');
    }
    if (this.kind === 'half-open' && this.#listened.size >= policy.trials) return 1;
    this.#listened.add(id);
    return undefined;
  }

  ends(id: number, verdict: Verdict, policy: BreakerPolicy): void {
    if (!this.#listened.delete(id) || verdict === 'none') return;
    if (this.kind === 'closed') {
      this.#windowMs = policy.windowMs;
      this.#prune();
      const last = this.#counted.at(-1)?.piece;
      const piece = last === undefined || this.now - last >= policy.windowMs / 10 ? this.now : last;
      this.#counted.push({ piece, ill: verdict === 'ill' });
      const { calls, failures } = this.seen();
      if (calls < policy.minimum || failures / calls < policy.ratio) return;
      this.#failedTrials = 0;
      this.#opens(policy);
    } else if (verdict === 'ill') {
      this.#failedTrials++;
      this.#opens(policy);
    } else {
      this.#wins++;
      if (this.#wins >= policy.trials) this.#turns('closed');
    }
  }

  seen(): { readonly calls: number; readonly failures: number; readonly trialInMs: number } {
    this.#prune();
    return {
      calls: this.#counted.length,
      failures: this.#counted.filter(({ ill }) => ill).length,
      trialInMs: this.kind === 'open' ? Math.max(0, this.#openedAt + this.#waitMs - this.now) : 0,
    };
  }

  #opens({ openMs }: BreakerPolicy): void {
    const times = this.#failedTrials === 0 ? 1 : this.#failedTrials === 1 ? 2 : this.#failedTrials === 2 ? 4 : 8;
    this.#factor = times * (0.8 + 0.4 * this.random());
    this.#openedAt = this.now;
    this.#waitMs = Math.round(openMs * this.#factor);
    this.#turns('open');
  }

  #turns(to: BreakerKind): void {
    this.kind = to;
    this.told.push(to);
    this.#listened.clear();
    this.#counted = [];
    this.#wins = 0;
  }

  #prune(): void {
    this.#counted = this.#counted.filter(({ piece }) => piece > this.now - this.#windowMs);
  }
}

const end = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<End>('ok', 'error', 'timeout', 'cancelled') },
  { weight: 2, arbitrary: fc.constantFrom<End>(...(Object.keys(verdicts) as End[])) },
);
const policy: fc.Arbitrary<BreakerPolicy> = fc.record({
  ratio: fc.constantFrom(0.05, 0.3, 0.5, 1),
  minimum: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.constantFrom(100, 1000, 4000),
  openMs: fc.constantFrom(50, 500, 2000),
  trials: fc.integer({ min: 1, max: 3 }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('begins' as const) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('ends' as const), nth: fc.nat(), as: end }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('comes at once' as const), as: end }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('time passes' as const), ms: fc.oneof(fc.nat(20), fc.nat(300), fc.nat(5000)) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('policy changes' as const), policy }) },
);

const bug = new Error('a mistake');
const outcomeOf = (as: Exclude<End, 'bug'>): Outcome => (as === 'ok' ? ok(1) : fails(as));

it('does what a plain model of a breaker does, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(
      policy,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 1 }),
      fc.array(step, { maxLength: 80 }),
      async (first, chances, steps) => {
        const stream = () => {
          let drawn = 0;
          return () => chances[drawn++ % chances.length] ?? 0;
        };
        const clock = handClock();
        const told: BreakerKind[] = [];
        const breakers = new Breakers(clock, stream(), (_, to) => told.push(to));
        const layer = breaker(breakers);
        const model = new Model(stream());
        const below = new Below();
        const under: { readonly id: number; readonly at: number; readonly by: BreakerPolicy }[] = [];
        let inForce = first;
        let ids = 0;
        const call = () => callOf(shop.getCart, { name: 'a' }, request({ policy: { breaker: inForce } }));
        /** What a call came to: refused for so many seconds, or what was below. */
        const came = (outcome: Outcome | PromiseLike<Outcome>): unknown =>
          !('ok' in outcome) ? 'under way' : outcome.ok || outcome.failure.retryAfter === undefined ? outcome : outcome.failure.retryAfter;
        const atOnce = (as: End): unknown => {
          try {
            return came(layer(call(), as === 'bug' ? throwing(bug) : answering(() => outcomeOf(as))));
          } catch (thrown) {
            return thrown;
          }
        };

        for (const now of steps) {
          let [got, expected]: [unknown, unknown] = [undefined, undefined];
          switch (now.does) {
            case 'begins': {
              const id = ++ids;
              expected = model.begins(id, inForce) ?? 'under way';
              const outcome = layer(call(), below.next);
              if (!('ok' in outcome)) outcome.then(undefined, () => undefined);
              got = came(outcome);
              if (expected === 'under way') under.push({ id, at: below.calls.length - 1, by: inForce });
              break;
            }
            case 'ends': {
              const [ending] = under.splice(now.nth % Math.max(1, under.length), 1);
              if (!ending) break;
              model.ends(ending.id, verdicts[now.as], ending.by);
              if (now.as === 'bug') below.crashes(bug, ending.at);
              else below.lands(outcomeOf(now.as), ending.at);
              await drained();
              break;
            }
            case 'comes at once': {
              const id = ++ids;
              expected = model.begins(id, inForce) ?? (now.as === 'bug' ? bug : outcomeOf(now.as));
              got = atOnce(now.as);
              model.ends(id, verdicts[now.as], inForce);
              break;
            }
            case 'time passes':
              clock.advance(now.ms);
              model.now += now.ms;
              break;
            case 'policy changes':
              inForce = now.policy;
              break;
          }
          expect(got).toEqual(expected);
          expect(breakers.of(endpointOf(shop.getCart)).state()).toMatchObject({ state: model.kind, ...model.seen() });
        }
        expect(told).toEqual(model.told);
      },
    ),
    { numRuns: 1000 },
  );
});
