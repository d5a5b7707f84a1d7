import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { command } from '../../src/check/command.js';
import { register, sources } from '../../src/registry/registry.js';
import { openText } from '../open-access.js';

// Files that are well formed but can't be in force with the contracts; what can't even be read stands in
// test/policy/broken-configurations.ts.
const SOUND = openText(
  `defaults:
  product: { deadline: 800ms, bulkhead: { wait: 100ms } }
  route: { deadline: 2s, fanOut: 50 }
products:
  auth: { urls: ['http://auth'] }
  aviation-infinity: { urls: ['http://aviation'] }
  want-to-be-a-pilot: { urls: ['http://pilot'], deadline: 1500ms }
  new-pilot-shop: { urls: ['http://shop'], limit: { rate: 200/s } }
  inventory: { urls: ['http://inventory'] }
  babonbo: { urls: ['http://babonbo'] }
  clickai: { urls: ['http://clickai'] }
routes:
  GET /v1/me: { deadline: 3s }
bounds:
  cache.fresh: { min: 1s, max: 1h }
`,
  register(await sources()).compositions.map(({ route }) => route.line),
  ['want-to-be-a-pilot'],
);

/** What is broken, by what change of one line, and the one line that is said of it. */
const rows: readonly (readonly [what: string, text: string, by: string, said: string])[] = [
  [
    'a product is misspelled',
    '  auth:',
    '  auht:',
    '5:9 products.auht: no contract names this product (did you mean "auth"?); contracts stand in contracts/products/',
  ],
  [
    'a product has no contract',
    'routes:',
    '  billing: { urls: [http://b] }\nroutes:',
    '12:12 products.billing: no contract names this product; contracts stand in contracts/products/',
  ],
  ['a product is left out', '  clickai: { urls', '  #', '5:3 products: expected the product "clickai", which has a contract'],
  [
    'an operation is misspelled',
    "['http://auth'],",
    "['http://auth'], operations: { getUsr: { deadline: 1s } },",
    '5:56 products.auth.operations.getUsr: no such operation in its contracts (did you mean "getUser"?)',
  ],
  ['a route is misspelled', 'GET /v1/me:', 'GET /v1/mee:', '13:16 routes.GET /v1/mee: no such route (did you mean "GET /v1/me"?)'],
  [
    'a group of knobs is misspelled',
    "['http://auth'],",
    "['http://auth'], operations: { getUser: { cahce: { fresh: 1s } } },",
    '5:59 products.auth.operations.getUser.cahce: unknown key (did you mean "cache"?); known here: access, deadline, cache, retry, hedge, breaker',
  ],
  [
    'a knob is misspelled',
    'rate: 200/s',
    'rates: 200/s',
    '8:53 products.new-pilot-shop.limit.rates: unknown key (did you mean "rate"?); known here: rate, burst',
  ],
  [
    'a route is given a knob of products',
    '{ deadline: 3s,',
    '{ retry: { attempts: 1 },',
    '13:17 routes.GET /v1/me.retry: unknown key; known here: access, deadline, fanOut, cache, limit',
  ],
  [
    'a rate has no unit',
    'rate: 200/s',
    'rate: 200',
    '8:59 products.new-pilot-shop.limit.rate: expected a rate like "200/s" or "30/m", or "off" for no limit; to stop calls altogether, isolate the product, got 200',
  ],
  [
    'a rate is nothing',
    'rate: 200/s',
    'rate: 0/s',
    '8:59 products.new-pilot-shop.limit.rate: expected a rate like "200/s" or "30/m", or "off" for no limit; to stop calls altogether, isolate the product, got "0/s"',
  ],
  [
    'a span has no unit',
    'limit: { rate: 200/s }',
    'cache: { fresh: 30 }',
    '8:60 products.new-pilot-shop.cache.fresh: expected a duration like "800ms" or "2s", or "off", got 30',
  ],
  [
    'a ratio is a percentage',
    'limit: { rate: 200/s }',
    'breaker: { ratio: 50 }',
    '8:62 products.new-pilot-shop.breaker.ratio: expected 1 or less, got 50',
  ],
  [
    'there are too many attempts',
    'limit: { rate: 200/s }',
    'retry: { attempts: 4 }',
    '8:63 products.new-pilot-shop.retry.attempts: expected 3 or less, got 4',
  ],
  [
    'a deadline is longer than that of a route',
    'deadline: 1500ms',
    'deadline: 2s',
    '3:22 defaults.route.deadline for routes.GET /v1/students/{studentId}/dashboard.deadline: expected more than the 2100 ms that want-to-be-a-pilot getPlan may take with its attempts and waits, got 2000 ms; shorten that deadline or lengthen this one',
  ],
  [
    'a route has less time than its parts',
    'deadline: 3s',
    'deadline: 1600ms',
    '13:27 routes.GET /v1/me.deadline: expected more than the 1600 ms that want-to-be-a-pilot getPlan may take with its attempts and waits, got 1600 ms; shorten that deadline or lengthen this one',
  ],
  [
    'attempts add up to more than the route has',
    'limit: { rate: 200/s }',
    'retry: { attempts: 2 }',
    '3:22 defaults.route.deadline for routes.GET /v1/purchase-orders/draft.deadline: expected more than the 2850 ms that new-pilot-shop getItem may take with its attempts and waits, got 2000 ms; shorten that deadline or lengthen this one (and 6 more like it)',
  ],
  [
    'a wait for a place is longer than the route',
    'wait: 100ms',
    'wait: 600ms',
    '3:22 defaults.route.deadline for routes.GET /v1/students/{studentId}/dashboard.deadline: expected more than the 2100 ms that want-to-be-a-pilot getPlan may take with its attempts and waits, got 2000 ms; shorten that deadline or lengthen this one',
  ],
  [
    'a bound is for no knob',
    'cache.fresh:',
    'cache.fresch:',
    '25:3 bounds.cache.fresch: unknown key (did you mean "cache.fresh"?); known here: deadline, fanOut, cache.fresh, cache.stale, cache.staleIfError, cache.absent, limit.rate, limit.burst, retry.attempts, retry.wait, hedge.after, breaker.ratio, breaker.minimum, breaker.window, breaker.open, breaker.trials, bulkhead.concurrent, bulkhead.queue, bulkhead.wait',
  ],
  [
    'a bound is no value of its knob',
    'max: 1h',
    'max: long',
    '25:32 bounds.cache.fresh.max: expected a duration like "800ms" or "2s", or "off", got "long"',
  ],
  ['a bound leaves nothing', 'max: 1h', 'max: 500ms', '25:16 bounds.cache.fresh: expected min to be no more than max, got 1s and 500ms'],
  [
    'a product with a contract is to be passed through',
    "['http://clickai'],",
    "['http://clickai'], passThrough: true,",
    '11:53 products.clickai.passThrough: clickai has a contract in contracts/products/; a product has one or is passed through',
  ],
  [
    'the proxies are fewer than none',
    'routes:\n',
    'edge: { trustedHops: -1 }\nroutes:\n',
    '12:22 edge.trustedHops: expected 0 or more, got -1',
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'interline-check-'));
const file = join(folder, 'gateway.yaml');
afterAll(() => rmSync(folder, { recursive: true }));
const registry = register(await sources());

const check = (yaml: string): ReturnType<typeof command> => {
  writeFileSync(file, yaml);
  return command(['--config', file], {}, () => Promise.resolve(registry));
};

describe('a gateway.yaml in which', () => {
  it('nothing is broken passes', async () => {
    expect(await check(SOUND)).toMatchObject({ err: [], exitCode: 0 });
  }, 30_000);

  it.each(rows)('%s gets one line that says where and what to do', async (_, text, by, said) => {
    const yaml = SOUND.replace(text, by);
    expect(yaml).not.toBe(SOUND);
    expect(await check(yaml)).toEqual({ out: [], err: [`${file}:${said}`], exitCode: 1 });
  });

  it('several things are broken gets a line for each', async () => {
    const { err } = await check(SOUND.replace('200/s', '0/s').replace('deadline: 3s', 'deadline: soon'));
    expect(err).toHaveLength(2);
  });
});
