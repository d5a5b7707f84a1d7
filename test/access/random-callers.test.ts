import { Agent, request } from 'undici';
import { z } from 'zod';
import { describe, expect } from '@jest/globals';
import { type DependsOn, consumer, operation, optional, product, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import type { FakeProduct } from '../fake-product.js';
import { type TestGateway, testGateway } from '../gateway.js';
import { handClock } from '../hand-clock.js';
import { FakeIssuer, settled } from '../identity/issuing.js';
import { type RedisServer, redisTests } from '../redis-server.js';
import { NOBODY, echoProduct, markOf } from './echo-product.js';

const REQUESTS = 20_000;
const AT_ONCE = 20;

/** Fifty users, told apart by letters alone. */
const USERS = Array.from({ length: 50 }, (_, i) => `user-${'abcdefghij'.charAt(i % 10)}${'klmno'.charAt(Math.floor(i / 10))}`);
const CONSUMERS = ['web', 'app', 'kiosk'];

const read = (name: string, dependsOn: DependsOn) =>
  operation({
    get: `/${name}/{id}`,
    input: z.object({ id: z.string() }),
    output: z.object({ text: z.string() }),
    dependsOn,
    tags: ({ id }) => [`${name}:${id}`],
  });
const offered = () => ({
  news: read('news', 'public'),
  prices: read('prices', 'consumer'),
  mail: read('mail', 'user'),
  notes: read('notes', 'user'),
});
const left = product('left', 1, offered());
const right = product('right', 1, offered());

/** A page of two parts, which may depend on different things. */
const page = (name: string, one: typeof left.news, two: typeof right.news) =>
  composition(
    route(`GET /v1/${name}/{id}`, {
      input: z.object({ id: z.string() }),
      output: z.object({ texts: z.array(z.string().nullable()) }),
      parts: { one: 'required', two: 'optional' },
    }),
    {
      uses: { one: one.reads({ text: true }), two: optional(two.reads({ text: true })) },
      async compose(given) {
        const found = await given.gather({ one: given.one(given.input), two: given.two(given.input) });
        return { texts: [found.one.text, found.two?.text ?? null] };
      },
    },
  );
const names = ['news', 'prices', 'mail', 'notes'] as const;
const pages = names.flatMap((one) => names.slice(0, 3).map((two) => page(`${one}-${two}`, left[one], right[two])));
const paths = [
  ...pages.map(({ route: { wire } }) => wire.path),
  ...['left', 'right'].flatMap((of) => names.map((name) => `/products/${of}/v1/${name}/{id}`)),
];

/** Numbers that look random, the same ones for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Two gateways on one Redis, which are asked by everybody, turned, purged and cut off from it meanwhile. */
class Traffic implements AsyncDisposable {
  readonly clock = handClock();
  readonly agent = new Agent({ connections: 2 * AT_ONCE });
  readonly next = random(20_261_125);
  readonly wrong: string[] = [];
  readonly statuses = new Map<number, number>();
  hits = 0;
  issuer!: FakeIssuer;
  products!: readonly FakeProduct[];
  gateways!: readonly TestGateway[];

  static async open(server: RedisServer): Promise<Traffic> {
    const traffic = new Traffic();
    const { clock } = traffic;
    traffic.issuer = new FakeIssuer(clock, undefined, { names: 'users' });
    await settled();
    traffic.products = [await echoProduct(Object.values(left)), await echoProduct(Object.values(right))];
    const start = (): Promise<TestGateway> =>
      testGateway({
        products: traffic.products,
        compositions: pages,
        consumers: CONSUMERS.map((name) => consumer(name, {})),
        issuers: [traffic.issuer.issuer],
        policies: { left: 'identity: minted', right: 'identity: token' },
        product: 'cache: { fresh: 1s, stale: 1s, staleIfError: 2s }',
        route: 'cache: { fresh: 1s, stale: 1s }',
        redis: server.url,
        clock,
      });
    traffic.gateways = [await start(), await start()];
    return traffic;
  }

  pick<T>(from: readonly T[]): T {
    const found = from[Math.floor(this.next() * from.length)];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  }

  /** One request of somebody, some of which are broken off; what came back is looked through for what was made for others. */
  async ask(): Promise<void> {
    const gateway = this.pick(this.gateways);
    const through = this.next() < 0.9 ? this.pick(CONSUMERS) : undefined;
    const user = this.next() < 0.8 ? this.pick(USERS) : undefined;
    const path = this.pick(paths).replace('{id}', `n-${Math.floor(this.next() * 3)}`);
    const headers = {
      ...(through !== undefined && { 'x-api-key': gateway.keyOf(through) }),
      ...(user !== undefined && { authorization: `Bearer ${this.issuer.token({ sub: user })}` }),
    };
    const leaves = new AbortController();
    const asked = request(gateway.url + path, { headers, dispatcher: this.agent, signal: leaves.signal });
    if (this.next() < 0.05) setImmediate(() => leaves.abort());
    try {
      const { statusCode, headers: got, body } = await asked;
      const text = await body.text();
      this.statuses.set(statusCode, (this.statuses.get(statusCode) ?? 0) + 1);
      if (String(got['cache-status']).includes('hit')) this.hits++;
      const mine = new Set([NOBODY, ...[user, through].flatMap((who) => (who === undefined ? [] : [markOf(who)]))]);
      const foreign = [...text.matchAll(/made-for-[a-z-]+/g)].map(([mark]) => mark).filter((mark) => !mine.has(mark));
      if (foreign.length > 0) this.wrong.push(`${path}: ${user} through ${through} was given ${foreign.join()}`);
    } catch (error) {
      if (!leaves.signal.aborted) throw error;
    }
  }

  /** Now and then: time goes on, a knob is turned, something is purged, a product breaks or is mended, Redis goes or comes back. */
  async meddle(server: RedisServer, nth: number): Promise<void> {
    this.clock.advance(Math.floor(this.next() * 120));
    if (nth % 300 === 299) await (nth % 600 === 299 ? server.kill() : server.restart());
    if (this.next() > 0.1) return;
    const { gateway } = this.pick(this.gateways).running;
    const changes = {
      [this.pick(['defaults.product.cache.fresh', 'defaults.route.cache.fresh', 'defaults.route.cache.stale'])]: this.pick([
        'off',
        '200ms',
        '2s',
      ]),
    };
    if (this.next() < 0.5) await gateway.policy.change({ changes, who: 'ada', reason: 'a test' });
    await gateway.state.caches.purge([
      this.pick(['tag:mail:n-1', 'product:left', 'operation:right.v1.news', 'route:GET /v1/mail-mail/{id}']),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.close();
    for (const gateway of this.gateways) await gateway[Symbol.asyncDispose]();
    this.issuer[Symbol.dispose]();
    for (const one of this.products) await one[Symbol.asyncDispose]();
  }
}

describe('fifty users through three consumers of two gateways', () => {
  redisTests(
    {
      'are never given each other’s answers, in 20,000 random requests while knobs are turned, entries purged and Redis killed': async (
        server,
      ) => {
        await using traffic = await Traffic.open(server);
        for (let nth = 0; nth * AT_ONCE < REQUESTS; nth++) {
          await Promise.all(Array.from({ length: AT_ONCE }, () => traffic.ask()));
          await traffic.meddle(server, nth);
        }
        expect(traffic.wrong).toEqual([]);
        expect([...traffic.statuses.keys()].filter((status) => status !== 200)).toEqual([]);
        expect(traffic.statuses.get(200)).toBeGreaterThan(0.9 * REQUESTS);
        expect(traffic.hits).toBeGreaterThan(0.2 * REQUESTS); // else nothing was there to be mixed up
      },
    },
    180_000,
  );
});
