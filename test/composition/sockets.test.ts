import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { optional, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { fakeProduct } from '../fake-product.js';
import { testGateway } from '../gateway.js';
import { source, thing } from './stage.js';

const alpha = source('alpha');
const beta = source('beta');

const pair = composition(
  route('GET /v1/pairs/{id}', {
    input: z.object({ id: z.string() }),
    output: z.object({ sum: z.number() }),
    parts: { first: 'required', second: 'required', more: 'optional' },
  }),
  {
    uses: {
      first: alpha.find.reads({ value: true }),
      second: beta.find.reads({ value: true }),
      more: optional(alpha.get.reads({ value: true })),
    },
    async compose({ input: { id }, first, second, more, gather }) {
      const got = await gather({ first: first({ name: id }), second: second({ name: id }), more: more({ id }) });
      return { sum: got.first.value + got.second.value + (got.more?.value ?? 0) };
    },
  },
);
const writing = composition(
  route('POST /v1/things', {
    input: z.object({}),
    output: z.object({ value: z.number() }),
    parts: { made: 'required', other: 'required' },
  }),
  {
    uses: { made: alpha.make.reads({ value: true }), other: beta.find.reads({ value: true }) },
    async compose({ made, other, gather }) {
      const got = await gather({ made: made({ name: 't-1' }), other: other({ name: 't-1' }) });
      return { value: got.made.value };
    },
  },
);

async function landscape() {
  const [a, b] = await Promise.all([fakeProduct(alpha), fakeProduct(beta)]);
  const gateway = await testGateway({ products: [a, b], compositions: [pair, writing] });
  return {
    a,
    b,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
    },
  };
}

describe('over real sockets', () => {
  it('a required part that fails closes the sockets of its siblings', async () => {
    await using world = await landscape();
    const { a, b, gateway } = world;
    a.hangs();
    b.raw((_, response) => void a.arrived(2).then(() => response.writeHead(500).end()));
    expect(await gateway.get('/v1/pairs/t-1')).toMatchObject({ status: 502, body: { code: 'error', product: 'beta', part: 'second' } });
    await a.hungUp(2);
    expect(
      a.calls.map(({ operation, hungUp }) => [operation, hungUp]).toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
    ).toEqual([
      ['find', true],
      ['get', true],
    ]);
  });

  it('a caller who leaves closes the sockets of what nobody else awaits', async () => {
    await using world = await landscape();
    const { a, b, gateway } = world;
    a.hangs();
    b.hangs();
    const leaving = new AbortController();
    const got = gateway.get('/v1/pairs/t-1', { signal: leaving.signal });
    await Promise.all([a.arrived(2), b.arrived(1)]);
    leaving.abort();
    await expect(got).rejects.toMatchObject({ name: 'AbortError' });
    await Promise.all([a.hungUp(2), b.hungUp(1)]);
    expect([a.calls.length, b.calls.length]).toEqual([2, 1]);
  });

  it('a write that was sent runs on when its sibling fails, and is answered', async () => {
    await using world = await landscape();
    const { a, b, gateway } = world;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      a.raw((_, response) => {
        response.once('finish', resolve);
        finish = () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(thing('t-1')));
      }, 'make');
    });
    b.raw((_, response) => void a.arrived(1).then(() => response.writeHead(500).end()));
    const got = await gateway.get('/v1/things', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect(got).toMatchObject({ status: 502, body: { part: 'other' } });
    finish();
    await finished;
    expect(a.calls).toMatchObject([{ operation: 'make', hungUp: false }]);
  });
});
