import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { optional, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { inputChecks } from '../../src/composition/prepare.js';
import { endpoints } from '../../src/upstream/endpoint.js';
import { Target } from '../../src/upstream/target.js';
import { Stage, source } from './stage.js';

const alpha = source('alpha');
const values = z.object({ value: z.number().nullable() });
const read = { value: true } as const;

/** Asks by whatever it is given: an id that came from another product may be none. */
const asking = (need: 'required' | 'optional') =>
  need === 'required'
    ? composition(route('GET /v1/asks/{id}', { input: z.object({ id: z.string() }), output: values, parts: { one: 'required' } }), {
        uses: { one: alpha.get.reads(read) },
        compose: async ({ input: { id }, one }) => ({ value: (await one({ id })).value }),
      })
    : composition(route('GET /v1/asks/{id}', { input: z.object({ id: z.string() }), output: values, parts: { one: 'optional' } }), {
        uses: { one: optional(alpha.get.reads(read)) },
        compose: async ({ input: { id }, one }) => ({ value: (await one({ id }))?.value ?? null }),
      });

const naming = composition(route('GET /v1/names', { input: z.object({ id: z.string() }), output: values, parts: { one: 'optional' } }), {
  uses: { one: optional(alpha.find.reads(read)) },
  compose: async ({ input: { id }, one }) => ({ value: (await one({ name: id }))?.value ?? null }),
});

describe('an input that breaks the contract of the operation', () => {
  it('fails an optional part by the field, without a call', async () => {
    const stage = new Stage(asking('optional'), [alpha]);
    expect((await stage.run({ id: 'x' })).composed).toMatchObject({
      kind: 'answer',
      data: { value: null },
      complete: false,
      parts: { one: { state: 'failed', product: 'alpha', reason: 'contract', fields: ['input.id'] } },
    });
    expect(stage.sent).toEqual([]);
    expect(stage.scope.budget.spent).toBe(0);
  });

  it('fails the answer where the part is required', async () => {
    const stage = new Stage(asking('required'), [alpha]);
    expect((await stage.run({ id: 'x' })).composed).toMatchObject({
      kind: 'failure',
      part: 'one',
      failure: { kind: 'contract', operation: 'get', fields: ['input.id'], message: expect.stringMatching(/^input id: /) },
    });
    expect(stage.sent).toEqual([]);
  });

  it.each(['..', 'a/b', '', 'a\u0000b', '%2e%2e'])('is also a value that can`t stand in a path: %j', async (id) => {
    const stage = new Stage(naming, [alpha]);
    expect((await stage.run({ id })).composed).toMatchObject({
      parts: { one: { state: 'failed', reason: 'contract', fields: ['input.name'] } },
    });
    expect(stage.sent).toEqual([]);
  });

  it('fails that one call of many, and the others go out', async () => {
    const both = composition(
      route('GET /v1/both', {
        input: z.object({ id: z.string() }),
        output: z.object({ values: z.array(z.number().nullable()) }),
        parts: { one: 'optional' },
      }),
      {
        uses: { one: optional(alpha.get.reads(read)) },
        async compose({ one, gather }) {
          const { all } = await gather({ all: [one({ id: 't-1' }), one({ id: 'x' }), one({ id: 't-3' })] });
          return { values: all.map((got) => got?.value ?? null) };
        },
      },
    );
    const stage = new Stage(both, [alpha]);
    expect((await stage.run()).composed).toMatchObject({
      data: { values: [1, null, 3] },
      parts: { one: { state: 'partial', reason: 'contract', failed: 1, total: 2 + 1 } },
    });
    expect(stage.called).toEqual(['alpha.list']);
  });

  it('reaches the product as the contract gives it: what it does not name is left out', async () => {
    const generous = composition(route('GET /v1/generous', { input: z.object({}), output: values, parts: { one: 'required' } }), {
      uses: { one: alpha.get.reads(read) },
      async compose({ one }) {
        const more = { id: 't-1', secret: 'hidden' };
        return { value: (await one(more)).value };
      },
    });
    const stage = new Stage(generous, [alpha]);
    expect((await stage.run()).composed).toMatchObject({ kind: 'answer', data: { value: 1 } });
    expect(stage.sent.map(({ input }) => input)).toEqual([{ id: 't-1' }]);
  });
});

describe('what a composition is given', () => {
  it('is who calls, and nothing that was not said', async () => {
    const whoami = composition(
      route('GET /v1/whoami', {
        input: z.object({}),
        output: z.object({ user: z.string().nullable(), consumer: z.string().nullable() }),
        parts: {},
      }),
      { uses: {}, compose: ({ caller: { user, consumer } }) => Promise.resolve({ user: user ?? null, consumer: consumer ?? null }) },
    );
    const asked = async (...identity: ConstructorParameters<typeof Stage>[3][]) =>
      (await new Stage(whoami, [], {}, ...identity).run()).composed;
    expect(await asked({ user: 'u-0001', consumer: 'web' })).toMatchObject({ data: { user: 'u-0001', consumer: 'web' } });
    expect(await asked()).toMatchObject({ data: { user: null, consumer: null } });
  });
});

it('is prepared for exactly the contracts of the gateway', () => {
  expect(() => new Stage(asking('required'), [])).toThrow(
    new TypeError('GET /v1/asks/{id}: part "one" uses alpha v1 get, which is not among the gateway\'s contracts'),
  );
});

it('is checked by a schema that is worked out once for each operation', () => {
  const nowhere = new Target({ urls: [], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });
  const endpoint = endpoints([alpha.get], () => nowhere).get(alpha.get);
  if (!endpoint) throw new RangeError('expected an endpoint');
  let asked = 0;
  const counted = {
    ...endpoint,
    get operation() {
      asked++;
      return alpha.get;
    },
  };
  const checkOf = inputChecks();
  expect(['t-1', 'x', 't-2'].map((id) => checkOf(counted)({ id }).ok)).toEqual([true, false, true]);
  expect(asked).toBe(1);
});
