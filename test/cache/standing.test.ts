import { describe, expect, it } from '@jest/globals';
import { type Entry, entryOf, longestUseMs, standingOf } from '../../src/cache/entry.js';
import type { CachePolicy } from '../../src/policy/snapshot.js';
import type { Headers } from '../../src/upstream/answer.js';

const policy = (freshMs: number, staleMs = 0, staleIfErrorMs = 0, absentMs = 0): CachePolicy => ({
  freshMs,
  staleMs,
  staleIfErrorMs,
  absentMs,
});
const entry = (cc: string | undefined, more: Headers = {}, jitter = 1): Entry =>
  entryOf({
    answer: { status: 200, headers: { ...(cc === undefined ? {} : { 'cache-control': cc }), ...more }, value: 1 },
    absence: undefined,
    at: 1_000_000,
    date: Date.UTC(2026, 10, 20, 12),
    tookMs: 0,
    knownAt: 1_000_000,
    jitter,
    labels: [],
    readers: [],
  });
const after = (ms: number, of: Entry, by: CachePolicy) => standingOf(of, by, 1_000_000 + ms);

describe('what an entry is good for', () => {
  it.each<[string, number, string | undefined, CachePolicy, string, number]>([
    // what, after, product says, policy, state, ttl
    ['fresh', 0, undefined, policy(10), 'fresh', 10],
    ['fresh to the last millisecond', 9, undefined, policy(10), 'fresh', 1],
    ['no longer', 10, undefined, policy(10), 'gone', 0],
    ['stale', 10, undefined, policy(10, 5), 'stale', 0],
    ['stale to the last millisecond', 14, undefined, policy(10, 5), 'stale', -4],
    ['gone', 15, undefined, policy(10, 5), 'gone', -5],
    ['spare', 15, undefined, policy(10, 5, 7), 'spare', -5],
    ['spare to the last millisecond', 16, undefined, policy(10, 5, 7), 'spare', -6],
    ['gone after that', 17, undefined, policy(10, 5, 7), 'gone', -7],
    ['spare as long as it is stale', 12, undefined, policy(10, 5, 1), 'stale', -2],
    ['never fresh, but spare', 0, undefined, policy(0, 0, 7), 'spare', 0],
    ['nothing at all', 0, undefined, policy(0), 'gone', 0],
    ['by the product`s shorter word', 4_000, 'max-age=4', policy(10_000, 5_000), 'stale', 0],
    ['by the operator`s shorter word', 10, 'max-age=4', policy(10, 5), 'stale', 0],
    ['stale as long as the product allows', 11_000, 'max-age=10, stale-while-revalidate=1', policy(10_000, 5_000), 'gone', -1_000],
    ['stale as long as the operator allows', 11_000, 'max-age=10, stale-while-revalidate=60', policy(10_000, 1_000), 'gone', -1_000],
    ['spare as long as the product allows', 11_000, 'max-age=10, stale-if-error=2', policy(10_000, 0, 5_000), 'spare', -1_000],
    ['never by must-revalidate', 10, 'must-revalidate', policy(10, 5, 5), 'gone', 0],
    ['never without being asked', 0, 'no-cache', policy(10, 5, 5), 'gone', 0],
    ['spare, born stale', 0, 'max-age=0', policy(10, 5, 5), 'spare', 0],
    ['of a clock that went back', -5, undefined, policy(10), 'fresh', 10],
  ])('%s', (_, ms, cc, by, state, ttlMs) => {
    const standing = after(ms, entry(cc), by);
    expect(standing.state).toBe(state);
    expect(standing.ttlMs + 0).toBe(ttlMs);
  });

  it('counts the age that it came with against the product`s word, and not against the operator`s', () => {
    const old = entry('max-age=100', { age: '95' });
    expect(after(4_999, old, policy(50_000))).toMatchObject({ state: 'fresh', ageMs: 99_999, ttlMs: 1 });
    expect(after(5_000, old, policy(50_000)).state).toBe('gone');
    expect(after(5_000, entry(undefined, { age: '95' }), policy(50_000))).toMatchObject({ state: 'fresh', ageMs: 100_000, ttlMs: 45_000 });
  });

  it('says for how long it may still stand in', () => {
    expect(after(4, entry(undefined), policy(10, 0, 7)).spareMs).toBe(7);
    expect(after(12, entry(undefined), policy(10, 0, 7)).spareMs).toBe(5);
    expect(after(30, entry(undefined), policy(10, 0, 7)).spareMs).toBe(-13);
  });

  it('stretches the operator`s word, and only shortens the product`s', () => {
    const ttl = (jitter: number, cc?: string) => after(0, entry(cc, {}, jitter), policy(10_000)).ttlMs;
    expect([ttl(0.9), ttl(1.1), ttl(0.9, 'max-age=5'), ttl(1.1, 'max-age=5')]).toEqual([9_000, 11_000, 4_500, 5_000]);
  });
});

describe('that there is none', () => {
  const none = (headers: Headers = {}): Entry =>
    entryOf({ ...entry(undefined), answer: undefined, absence: { message: 'm', status: 404, headers } });

  it('has its own span, and none after it', () => {
    const by = policy(1_000, 1_000, 1_000, 10);
    expect(after(9, none(), by)).toMatchObject({ state: 'fresh', ttlMs: 1 });
    expect(after(10, none(), by)).toMatchObject({ state: 'gone', spareMs: 0 });
    expect(after(0, none({ 'cache-control': 'max-age=0, stale-while-revalidate=9' }), by).state).toBe('gone');
  });
});

it.each([
  [policy(10, 5, 7, 3), 1, 17],
  [policy(10, 9, 7, 3), 1, 19],
  [policy(10, 0, 0, 30), 1, 30],
  [policy(10, 5, 7, 30), 1.1, 33],
])('an entry is of use for no longer than its longest spans together: %j', (by, jitter, ms) => {
  expect(longestUseMs(by, jitter)).toBeCloseTo(ms);
});
