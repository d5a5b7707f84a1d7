import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AnyOperation, type Wire, consumer, writer } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { operationsOf, register, sources } from '../../src/registry/registry.js';
import type { FakeProduct } from '../fake-product.js';
import { type TestGateway, testGateway } from '../gateway.js';
import { handClock } from '../hand-clock.js';
import { FakeIssuer, settled } from '../identity/issuing.js';
import { type RedisServer, redisTests } from '../redis-server.js';
import { NOBODY, echoProduct, markOf, marked } from './echo-product.js';

// Generated from the contracts: a route or an operation that is added is tested by itself.
const registry = register(await sources());
const consumers = [...registry.consumers, consumer('other-frontend', {})];

/** One thing to ask. */
interface Asked {
  readonly name: string;
  readonly path: string;
  readonly init: RequestInit;
  /** The operations that an answer may be made of. */
  readonly uses: readonly AnyOperation[];
}

function asked(name: string, wire: Wire, input: unknown, prefix: string, uses: readonly AnyOperation[]): Asked {
  const outgoing = writer(wire)(input as Readonly<Record<string, unknown>>);
  if ('message' in outgoing) throw new TypeError(`${name}: ${outgoing.message}`);
  const { path, body, headers } = outgoing;
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    name,
    path: prefix + path,
    init: { method: wire.method.toUpperCase(), headers: { ...headers, ...type }, ...(body !== undefined && { body }) },
    uses,
  };
}

const everything: readonly Asked[] = [
  ...registry.compositions.map((one) =>
    asked(one.route.line, one.route.wire, sample(one.route.input), '', operationsOf(one, registry.operations)),
  ),
  ...registry.operations.map((one) =>
    asked(`${one.product}.v${one.version}.${one.name}`, one.wire, sample(one.input), `/products/${one.product}/v${one.version}`, [one]),
  ),
];

/** Two gateways over echoing products, everything kept that may be kept; both share a Redis, or are one and the same. */
class Two implements AsyncDisposable {
  private constructor(
    readonly products: readonly FakeProduct[],
    readonly issuer: FakeIssuer,
    readonly gateways: readonly [TestGateway, TestGateway],
  ) {}

  static async open(server?: RedisServer): Promise<Two> {
    const clock = handClock();
    const issuer = new FakeIssuer(clock, undefined, { names: 'users' });
    await settled();
    const byName = Map.groupBy(registry.operations, ({ product }) => product);
    const products = await Promise.all([...byName.values()].map((operations) => echoProduct(operations)));
    const start = (): Promise<TestGateway> =>
      testGateway({
        products,
        compositions: registry.compositions,
        consumers,
        issuers: [issuer.issuer],
        clock,
        policies: Object.fromEntries(products.map(({ name }) => [name, 'identity: minted'])),
        product: 'cache: { fresh: 1h, stale: 1h, staleIfError: 1h, absent: 1h }',
        route: 'cache: { fresh: 1h, stale: 1h }',
        ...(server && { redis: server.url }),
      });
    const one = await start();
    return new Two(products, issuer, [one, server ? await start() : one]);
  }

  /** The answer's text, as this user through this consumer gets it from the first gateway or the second. */
  async text({ path, init }: Asked, nth: 0 | 1, user: string | undefined, through: string): Promise<string> {
    const gateway = this.gateways[nth];
    const headers = new Headers(init.headers);
    headers.set('x-api-key', gateway.keyOf(through));
    if (user !== undefined) headers.set('authorization', `Bearer ${this.issuer.token({ sub: user })}`);
    return (await gateway.get(path, { ...init, headers })).text;
  }

  /** Everybody asks the same, twice and at both gateways. @returns what somebody was given that was made for another */
  async wrong(one: Asked): Promise<readonly string[]> {
    const wrong: string[] = [];
    const web = registry.consumers[0]?.name ?? '';
    const other = 'other-frontend';
    const callers: readonly (readonly [user: string | undefined, through: string])[] = [
      ['ada', web],
      ['bob', web],
      ['ada', other],
      [undefined, web],
      [undefined, other],
    ];
    for (const nth of [0, 1, 1, 0] as const)
      for (const [user, through] of callers) {
        const text = await this.text(one, nth, user, through);
        const mine = new Set([NOBODY, markOf(through), ...(user === undefined ? [] : [markOf(user)])]);
        const foreign = [...text.matchAll(/made-for-[a-z-]+/g)].map(([mark]) => mark).filter((mark) => !mine.has(mark));
        if (foreign.length > 0) wrong.push(`${one.name}: ${user} through ${through} was given ${foreign.join()}`);
      }
    return wrong;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const gateway of new Set(this.gateways)) await gateway[Symbol.asyncDispose]();
    this.issuer[Symbol.dispose]();
    for (const product of this.products) await product[Symbol.asyncDispose]();
  }
}

describe('two users through two consumers', () => {
  let two: Two;
  beforeAll(async () => {
    two = await Two.open();
  });
  afterAll(() => two[Symbol.asyncDispose]());

  it.each(everything.map((one) => [one.name, one] as const))('are never given each other’s answer, from memory: %s', async (_, one) => {
    expect(await two.wrong(one)).toEqual([]);
  });

  it.each(
    everything
      .filter(
        ({ uses }) =>
          uses.length === 1 &&
          uses.every((one) => one.dependsOn === 'user' && JSON.stringify(marked(one, markOf('ada')))?.includes(markOf('ada'))),
      )
      .map((one) => [one.name, one] as const),
  )('are each given their own, so that a mistake would show: %s', async (_, one) => {
    const [web = ''] = registry.consumers.map(({ name }) => name);
    expect(await two.text(one, 0, 'ada', web)).toContain(markOf('ada'));
    expect(await two.text(one, 0, 'bob', web)).toContain(markOf('bob'));
  });
});

describe('two users through two consumers, of two gateways', () => {
  redisTests({
    'are never given each other’s answer, from memory and Redis': async (server) => {
      await using two = await Two.open(server);
      const wrong: string[] = [];
      for (const one of everything) wrong.push(...(await two.wrong(one)));
      expect(wrong).toEqual([]);
      expect(await two.gateways[1].metric('interline_redis_commands_total', { command: 'tier.get', outcome: 'ok' })).toBeGreaterThan(30);
    },
  });
});
