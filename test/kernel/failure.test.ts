import { describe, expect, it } from '@jest/globals';
import { failureKinds, failures } from '#contracts/kernel/index.js';

describe('the table of failures', () => {
  // Written out from the design, not computed: kind, status of a required part, breaker counts, retried if repeatable, stale may serve.
  const design = [
    ['timeout', 504, true, true, true],
    ['unreachable', 502, true, true, true],
    ['malformed', 502, true, false, true],
    ['error', 502, true, true, true],
    ['declared', 502, false, false, false],
    ['refused', 502, false, false, false],
    ['throttled', 503, false, false, true],
    ['contract', 502, false, false, true],
    ['open', 503, false, false, true],
    ['limited', 503, false, false, true],
    ['busy', 503, false, false, true],
    ['budget', 503, false, false, false],
    ['cancelled', 499, false, false, false],
  ] as const;

  it.each(design)('says of %s what the design says', (kind, status, breaks, retryable, staleMayServe) => {
    expect(failures[kind]).toMatchObject({ status, breaks, retryable, staleMayServe });
  });

  it('has the kinds of the design, in its order, and no other', () => {
    expect(failureKinds).toEqual(design.map(([kind]) => kind));
    expect(Object.keys(failures)).toEqual(failureKinds);
  });

  it('tells each kind to a person in words of its own', () => {
    const titles = failureKinds.map((kind) => failures[kind].title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
