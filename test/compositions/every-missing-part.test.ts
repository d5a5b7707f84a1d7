import { describe, expect, it } from '@jest/globals';
import type { AnyPart } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { userId } from '#contracts/products/auth/v1.js';
import type { Composition } from '../../src/composition/composition.js';
import { inputChecks, prepare } from '../../src/composition/prepare.js';
import { type Composed, run } from '../../src/composition/run.js';
import { Snapshot } from '../../src/policy/snapshot.js';
import { register, sources } from '../../src/registry/registry.js';
import { failed } from '../../src/upstream/answer.js';
import { Batching } from '../../src/upstream/batch.js';
import type { Next, Scope } from '../../src/upstream/call.js';
import { Cancellation } from '../../src/upstream/cancellation.js';
import { endpoints, failureOf } from '../../src/upstream/endpoint.js';
import { Target } from '../../src/upstream/target.js';
import { calmRoute } from '../calm-policy.js';
import { handClock } from '../hand-clock.js';

// Generated: a composition that is added is tested by itself.
const registry = register(await sources());
const nowhere = new Target({ urls: ['http://127.0.0.1:1'], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });
const known = endpoints(registry.operations, () => nowhere);

const scope = (line: string): Scope => ({
  serial: 1,
  requestId: 'test',
  traceparent: '',
  identity: { consumer: undefined, user: sample(userId), issuer: 'test' },
  reader: line,
  snapshot: new Snapshot('1', [], new Map([[line, calmRoute(1000)]])),
  cancellation: new Cancellation(),
  deadlineAt: Infinity,
  budget: { spent: 0, limit: 50 },
  passage: {},
  batching: new Batching(),
});

/** Runs a composition on its contracts' samples; the parts named here fail. */
async function composed(composition: Composition, missing: ReadonlySet<string>): Promise<Composed> {
  const fails = new Set<AnyPart['check']>(
    Object.entries(composition.uses).flatMap(([name, part]) => (missing.has(name) ? [part.check] : [])),
  );
  const call: Next = ({ endpoint, part }) => {
    if (part && fails.has(part.check)) return failed(failureOf(endpoint, 'error', 'broken for the test'));
    const value: unknown = sample(endpoint.operation.output);
    const checked = part?.check(value);
    if (!checked?.ok) throw new Error(`a sample of ${endpoint.id} does not pass what is read of it`);
    return { ok: true, value: checked.value, answer: { status: 200, headers: {}, value } };
  };
  const { route } = composition;
  const result = await run(
    prepare(composition, known, inputChecks()),
    route.input.parse(sample(route.input)),
    scope(route.line),
    call,
    handClock(),
  );
  return result.composed;
}

/** The parts that a composition calls on the sample of its input; it may skip one, if the input is not about it. */
async function calledBy(composition: Composition): Promise<readonly string[]> {
  const whole = await composed(composition, new Set());
  return Object.keys(composition.uses).filter((name) => whole.kind !== 'answer' || whole.parts[name]?.state !== 'skipped');
}

const cases = await Promise.all(
  registry.compositions.map(async (composition) => ({ line: composition.route.line, composition, called: await calledBy(composition) })),
);

describe.each(cases)('$line', ({ composition, called }) => {
  const needOf = (name: string): string | undefined => composition.uses[name]?.need;
  const dispensable = called.filter((name) => needOf(name) !== 'required');

  it('is complete when every part is there', async () => {
    expect(await composed(composition, new Set())).toMatchObject({ kind: 'answer', complete: true });
  });

  for (const name of dispensable)
    it(`answers without ${name}, and says so`, async () => {
      const answer = await composed(composition, new Set([name]));
      expect(answer).toMatchObject({ kind: 'answer', complete: false });
      expect(answer).toHaveProperty(['parts', name, 'state'], needOf(name) === 'fallback' ? 'fallback' : 'failed');
      expect(answer).toHaveProperty(['parts', name, 'product'], composition.uses[name]?.operation.product);
    });

  it('answers without all of them', async () => {
    const answer = await composed(composition, new Set(dispensable));
    expect(answer).toMatchObject({ kind: 'answer', complete: dispensable.length === 0 });
    for (const name of dispensable) expect(answer).toHaveProperty(['parts', name, 'reason'], 'error');
  });

  for (const name of called.filter((name) => needOf(name) === 'required'))
    it(`fails without ${name}, and names it`, async () => {
      expect(await composed(composition, new Set([name]))).toMatchObject({ kind: 'failure', part: name, failure: { kind: 'error' } });
    });
});
