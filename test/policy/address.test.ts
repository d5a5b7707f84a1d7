import { describe, expect, it } from '@jest/globals';
import { type Address, addresses, pathOf } from '../../src/policy/address.js';
import { contracts } from './landscape.js';

const all = addresses(
  contracts.operations,
  contracts.routes.map(({ route }) => route),
);

function way(path: string): readonly string[] {
  const paths: string[] = [];
  for (let at: Address | undefined = all.get(path); at; at = at.from) paths.push(at.path);
  return paths;
}

describe('an address', () => {
  it('of an operation takes its value from its product, and that from the defaults', () => {
    expect(way('products.auth.operations.getUser.cache.fresh')).toEqual([
      'products.auth.operations.getUser.cache.fresh',
      'products.auth.cache.fresh',
      'defaults.product.cache.fresh',
    ]);
  });

  it('of a route takes its value from the defaults of routes', () => {
    expect(way('routes.GET /v1/me.deadline')).toEqual(['routes.GET /v1/me.deadline', 'defaults.route.deadline']);
  });

  it('is only where its knob stands', () => {
    expect(all.has('products.auth.bulkhead.queue')).toBe(true);
    expect(all.has('products.auth.operations.getUser.bulkhead.queue')).toBe(false);
    expect(all.has('routes.GET /v1/me.retry.attempts')).toBe(false);
  });

  it('is one for an operation that several versions have', () => {
    const [first] = contracts.operations;
    if (!first) throw new RangeError('no operation');
    expect(addresses([first, { ...first, version: 2 }], []).size).toBe(addresses([first], []).size);
  });

  it('says the keys that lead to it in gateway.yaml', () => {
    expect(all.get('routes.GET /v1/me.limit.rate')?.keys).toEqual(['routes', 'GET /v1/me', 'limit', 'rate']);
    for (const [path, address] of all) expect([address.path, address.keys.join('.')]).toEqual([path, path]);
  });

  it('has the path of its knob at its place', () => {
    expect(pathOf(['products', 'auth'], 'cache.fresh')).toBe('products.auth.cache.fresh');
  });
});
