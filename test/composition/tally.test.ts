import { describe, expect, it } from '@jest/globals';
import { type AnyPart, type Failure, type FailureKind, type PartState, fallback, isComplete, optional } from '#contracts/kernel/index.js';
import { Tally, isAbsent } from '../../src/composition/tally.js';
import { type Outcome, answered, failed } from '../../src/upstream/answer.js';
import { source } from './stage.js';

const alpha = source('alpha');
const part = optional(alpha.get.reads({ value: true }));
const stand = fallback(alpha.get.reads({ value: true }), { value: 0 });
const ok = answered({ status: 200, headers: {}, value: {} });
const failure = (kind: FailureKind, more: Partial<Failure> = {}): Failure => ({
  kind,
  product: 'alpha',
  version: 1,
  operation: 'get',
  message: 'm',
  ...more,
});

/** A tally of calls that came to this, in the order in which they were made; closed in the order given, each a millisecond after the last. */
function tallied(of: AnyPart, outcomes: readonly (Failure | 'ok')[], closing = outcomes.map((_, i) => i)): Tally {
  const tally = new Tally('part', of);
  const places = outcomes.map((_, i) => tally.open(10 + i));
  closing.forEach((at, i) => {
    const outcome = outcomes[at];
    tally.close(places[at] ?? -1, outcome === 'ok' || outcome === undefined ? ok : failed(outcome), 100 + i);
  });
  return tally;
}

describe('a tally', () => {
  it('goes from the first call to the last end', () => {
    const tally = tallied(part, ['ok', 'ok', 'ok'], [2, 0, 1]);
    expect([tally.began, tally.ended]).toEqual([10, 102]);
    const none = tallied(part, []);
    expect([none.began, none.ended]).toEqual([undefined, undefined]);
  });

  it.each([
    ['no call', part, [], { state: 'skipped' }],
    ['no call, with a stand-in', stand, [], { state: 'skipped' }],
    ['one that is ok', part, ['ok' as const], { state: 'ok' }],
    ['one that failed', part, [failure('open', { retryAfter: 3 })], { state: 'failed', product: 'alpha', reason: 'open', retryAfter: 3 }],
    ['a wait of nothing', part, [failure('throttled', { retryAfter: 0 })], { state: 'failed', product: 'alpha', reason: 'throttled' }],
    ['a stand-in for one of two', stand, ['ok' as const, failure('busy')], { state: 'fallback', product: 'alpha', reason: 'busy' }],
    ['an absence', part, [failure('declared', { error: 'thingNotFound' })], { state: 'ok' }],
    [
      'an absence and a failure',
      part,
      [failure('declared', { error: 'thingNotFound' }), failure('error')],
      { state: 'partial', product: 'alpha', reason: 'error', failed: 1, total: 2 },
    ],
    [
      'fields of several failures',
      part,
      [failure('contract', { fields: ['value', 'note'] }), failure('contract', { fields: ['id', 'value'] })],
      { state: 'failed', product: 'alpha', reason: 'contract', fields: ['id', 'note', 'value'] },
    ],
  ])('says what it is of %s', (_, of, outcomes, state) => {
    expect(tallied(of, outcomes).state()).toEqual(state);
  });

  it('says the same whichever call ended first', () => {
    const outcomes = [failure('error'), 'ok' as const, failure('timeout')];
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    for (const order of orders)
      expect(tallied(part, outcomes, order).state()).toEqual({ state: 'partial', product: 'alpha', reason: 'error', failed: 2, total: 3 });
  });
});

describe('what was served stale', () => {
  const from = (ageMs: number, why?: FailureKind) => ({
    ...ok,
    from: { state: 'stale', ageMs, ttlMs: -1, ...(why === undefined ? {} : { why }) } as const,
  });

  /** The state of a part whose calls came to this. */
  function stateOf(...outcomes: readonly Outcome[]): PartState {
    const tally = new Tally('part', part);
    outcomes.forEach((outcome) => tally.close(tally.open(0), outcome, 1));
    return tally.state();
  }

  it('is as old as the oldest of it, in whole seconds', () => {
    expect(stateOf(from(1_999))).toEqual({ state: 'stale', age: 1 });
    expect(stateOf(from(2_000), from(61_500), ok, from(3_000))).toEqual({ state: 'stale', age: 61 });
  });

  it('names the first failure that it stands in for, by the order of the calls', () => {
    expect(stateOf(from(1_000), from(2_000, 'timeout'), from(3_000, 'open'))).toEqual({ state: 'stale', age: 3, reason: 'timeout' });
  });

  it('is complete, and is not told beside a failure', () => {
    expect(isComplete({ part: stateOf(from(1_000, 'error')) })).toBe(true);
    expect(stateOf(from(1_000, 'error'), failed(failure('busy')))).toEqual({
      state: 'partial',
      product: 'alpha',
      reason: 'busy',
      failed: 1,
      total: 2,
    });
  });

  it.each([
    { state: 'hit', ageMs: 5_000, ttlMs: 1 },
    { state: 'revalidated', ageMs: 5_000, ttlMs: 1, stored: true },
    { state: 'miss', ageMs: 5_000, ttlMs: 1, stored: true },
  ] as const)('is nothing else that was kept: %j', (from) => {
    expect(stateOf({ ...ok, from })).toEqual({ state: 'ok' });
  });
});

describe('an absence', () => {
  it.each([
    ['the declared error that the contract calls absent', failure('declared', { error: 'thingNotFound' }), true],
    ['another declared error', failure('declared', { error: 'thingGone' }), false],
    ['a failure that only bears the name', failure('refused', { error: 'thingNotFound' }), false],
    ['a failure without a name', failure('declared'), false],
  ])('is or is not %s', (_, of, absent) => {
    expect(isAbsent(part, of)).toBe(absent);
  });

  it('is nothing of an operation that declares none', () => {
    const list = optional(alpha.list.reads({ things: { value: true } }));
    expect(isAbsent(list, failure('declared'))).toBe(false);
  });
});
