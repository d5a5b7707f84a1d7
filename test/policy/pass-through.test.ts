import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';
import { ConfigError, type Loaded, parse } from '../../src/policy/load.js';
import { withPassThrough } from '../../src/policy/pass-through.js';
import { type Contracts, resolve } from '../../src/policy/resolve.js';
import { opened } from '../open-access.js';

const auth = product('auth', 1, { ping: operation({ get: '/ping', input: z.object({}), output: z.object({}) }) });
const pilots = route('GET /v1/pilots', { input: z.object({}), output: z.object({}), parts: {} });
const flights = route('GET /v1/pilots/{pilotId}/flights', { input: z.object({ pilotId: z.string() }), output: z.object({}), parts: {} });
const contracts: Contracts = {
  consumers: [],
  operations: [auth.ping],
  routes: [pilots, flights].map((one) => ({ route: one, operations: [] })),
};
const loadedFrom = (text: string): Loaded => opened(parse(text, 'gateway.yaml'), contracts);
const AUTH = `products:\n  auth: { urls: ['http://127.0.0.1:1'] }\n`;

/** What is wrong with a configuration, for a gateway that started with another one where that is given. */
function faultsOf(yaml: string, started = yaml): readonly string[] {
  try {
    resolve(loadedFrom(yaml), withPassThrough(contracts, loadedFrom(started)), undefined);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const withProduct = (lines: string): string => `${AUTH}  ${lines}\n`;

describe('a product that is passed through', () => {
  it('needs no contract, and has its own knobs', () => {
    const loaded = loadedFrom(withProduct(`monolith: { urls: ['http://127.0.0.1:2'], passThrough: true, mount: /, deadline: 3s }`));
    const { contracts: all, addresses, reach } = resolve(loaded, withPassThrough(contracts, loaded), undefined);
    expect(all.operations.map((one) => `${one.product}.${one.name}`)).toEqual(['auth.ping', 'monolith.passThrough']);
    expect(addresses.has('products.monolith.bulkhead.concurrent')).toBe(true);
    expect(reach('monolith', 1).urls).toEqual(['http://127.0.0.1:2']);
  });

  it.each([
    [
      'no word of it',
      `monolith: { urls: ['http://127.0.0.1:2'] }`,
      ['gateway.yaml:3:13 products.monolith: no contract names this product; contracts stand in contracts/products/'],
    ],
    [
      'a mount of a product that has a contract',
      `x: { urls: ['http://127.0.0.1:2'], mount: / }`,
      ['gateway.yaml:3:6 products.x: no contract', 'gateway.yaml:3:45 products.x.mount: expected passThrough: true'],
    ],
    [
      'two that are mounted at one place',
      `a: { urls: ['http://127.0.0.1:2'], passThrough: true, mount: /a }\n  b: { urls: ['http://127.0.0.1:2'], passThrough: true, mount: /a }`,
      ['gateway.yaml:4:64 products.b.mount: a is mounted there already, got /a'],
    ],
    [
      'operations',
      `a: { urls: ['http://127.0.0.1:2'], passThrough: true, operations: { x: {} } }`,
      ['gateway.yaml:3:69 products.a.operations: expected none'],
    ],
    [
      'a version',
      `a: { urls: ['http://127.0.0.1:2/v{version}'], passThrough: true }`,
      ['gateway.yaml:3:14 products.a.urls: expected no {version}'],
    ],
    [
      'a name that no address has',
      `A_b: { urls: ['http://127.0.0.1:2'], passThrough: true }`,
      ['gateway.yaml:3:8 products.A_b: expected a name like "new-pilot-shop"'],
    ],
    [
      'a mount that is no path',
      `a: { urls: ['http://127.0.0.1:2'], passThrough: true, mount: /a/ }`,
      ['gateway.yaml:3:64 products.a.mount: expected a path like "/"'],
    ],
  ])('is refused with %s', (_, lines, expected) => {
    const faults = faultsOf(withProduct(lines));
    expect(faults.map((fault, i) => fault.slice(0, expected[i]?.length))).toEqual(expected);
  });

  it.each([
    ['/docs', '/docs'],
    ['/health/deep', '/health'],
    ['/openapi.json', '/openapi.json'],
    ['/products', '/products'],
    ['/products/auth/v1', '/products'],
    ['/v1/pilots', 'GET /v1/pilots'],
    ['/v1/pilots/amelia', 'GET /v1/pilots/{pilotId}/flights'],
    ['/v1/pilots/amelia/flights', 'GET /v1/pilots/{pilotId}/flights'],
  ])('is not mounted where something else is answered: %s', (mount, taken) => {
    expect(faultsOf(withProduct(`a: { urls: ['http://127.0.0.1:2'], passThrough: true, mount: ${mount} }`))).toEqual([
      `gateway.yaml:3:64 products.a.mount: expected a path that is nobody else's; ${taken} is answered there, got ${mount}`,
    ]);
  });

  it.each(['/', '/v1', '/v1/other', '/v1/pilot', '/v1/pilots/amelia/flights/1', '/docs-of-old', '/Products'])(
    'may be mounted beside and above what is answered: %s',
    (mount) => {
      expect(faultsOf(withProduct(`a: { urls: ['http://127.0.0.1:2'], passThrough: true, mount: ${mount} }`))).toEqual([]);
    },
  );

  it('has no contract under the same name', () => {
    const faults = faultsOf(`products:\n  auth: { urls: ['http://127.0.0.1:1'], passThrough: true }\n`);
    expect(faults).toEqual([
      'gateway.yaml:2:54 products.auth.passThrough: auth has a contract in contracts/products/; a product has one or is passed through',
    ]);
  });

  it('is neither added nor taken away while the gateway runs', () => {
    const monolith = withProduct(`monolith: { urls: ['http://127.0.0.1:2'], passThrough: true }`);
    expect(faultsOf(monolith, AUTH)).toEqual([expect.stringContaining('a new pass-through product takes a restart')]);
    expect(faultsOf(AUTH, monolith)).toEqual([expect.stringContaining('to no longer pass monolith through takes a restart')]);
  });
});
