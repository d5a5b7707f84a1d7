import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type FailureKind, failures, optional, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type Said, Stage, source } from './stage.js';

const [alpha, beta, gamma] = [source('alpha'), source('beta'), source('gamma')];
const products = [alpha, beta, gamma];
const read = { value: true } as const;
const output = z.object({ values: z.array(z.number().nullable()) });
const input = z.object({});

const allOptional = composition(route('GET /v1/optional', { input, output, parts: { a: 'optional', b: 'optional', c: 'optional' } }), {
  uses: { a: optional(alpha.find.reads(read)), b: optional(beta.find.reads(read)), c: optional(gamma.find.reads(read)) },
  async compose({ a, b, c, gather }) {
    const got = await gather({ a: a({ name: 't-1' }), b: b({ name: 't-2' }), c: c({ name: 't-3' }) });
    return { values: [got.a, got.b, got.c].map((each) => each?.value ?? null) };
  },
});
const oneRequired = composition(route('GET /v1/required', { input, output, parts: { a: 'optional', b: 'required', c: 'optional' } }), {
  uses: { a: optional(alpha.find.reads(read)), b: beta.find.reads(read), c: optional(gamma.find.reads(read)) },
  async compose({ a, b, c, gather }) {
    const got = await gather({ a: a({ name: 't-1' }), b: b({ name: 't-2' }), c: c({ name: 't-3' }) });
    return { values: [got.a, got.b, got.c].map((each) => each?.value ?? null) };
  },
});

/** Five ways to fail, by the kind that the table of failures has for each. */
const causes = {
  timeout: { hangs: true },
  unreachable: { kind: 'unreachable' },
  error: { status: 500 },
  contract: { body: { id: 't-1' } },
  throttled: { status: 429 },
} as const satisfies Partial<Record<FailureKind, Said>>;
type Cause = keyof typeof causes;
const kinds: readonly Cause[] = ['timeout', 'unreachable', 'error', 'contract', 'throttled'];
const triples = kinds.flatMap((a) => kinds.flatMap((b) => kinds.map((c) => [a, b, c] as const)));
const says = ([a, b, c]: readonly [Cause, Cause, Cause]) => ({ 'alpha.find': causes[a], 'beta.find': causes[b], 'gamma.find': causes[c] });
const terms = { deadlineMs: 3, routeDeadlineMs: 6 };

describe('all three parts fail, each of five ways', () => {
  it('answers with each reason by its name where all are optional', async () => {
    for (const triple of triples) {
      const { composed } = await new Stage(allOptional, products, { ...terms, says: says(triple) }).play({});
      expect(composed).toMatchObject({
        kind: 'answer',
        data: { values: [null, null, null] },
        complete: false,
        parts: {
          a: { state: 'failed', product: 'alpha', reason: triple[0] },
          b: { state: 'failed', product: 'beta', reason: triple[1] },
          c: { state: 'failed', product: 'gamma', reason: triple[2] },
        },
      });
    }
    expect(triples).toHaveLength(125);
  });

  it('fails by the required one alone, with the status of its kind', async () => {
    const statuses = new Map<Cause, number>();
    for (const triple of triples) {
      const { composed } = await new Stage(oneRequired, products, { ...terms, says: says(triple) }).play({});
      expect(composed).toMatchObject({ kind: 'failure', part: 'b', failure: { kind: triple[1], product: 'beta' } });
      if (composed.kind === 'failure') statuses.set(triple[1], failures[composed.failure.kind].status);
    }
    expect(Object.fromEntries(statuses)).toEqual({ timeout: 504, unreachable: 502, error: 502, contract: 502, throttled: 503 });
  });
});
