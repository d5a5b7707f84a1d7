import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checker, readInput } from '#contracts/kernel/index.js';
import { readSchema } from '#contracts/kernel/read-schema.js';
import { wire } from '#contracts/kernel/wire.js';
import { z } from 'zod';

// JSON.parse makes `__proto__` an own key, as a product's bytes would.
const POISON = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
const poisoned: unknown = JSON.parse(
  `{${POISON},"id":"x","inner":{${POISON},"id":"y"},"list":[{${POISON},"id":"z"}],"open":{${POISON.replace(/,"constructor.*/, '')},"k":{${POISON},"id":"w"}}}`,
);
const Entity = z.object({ id: z.string() });
const Answer = Entity.extend({ inner: Entity, list: z.array(Entity), open: z.record(z.string(), Entity) });

let before: PropertyKey[];
beforeEach(() => {
  before = Reflect.ownKeys(Object.prototype);
});
afterEach(() => {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

/** Every key of a value at every depth, own or inherited from anything but Object.prototype. */
function keysWithin(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysWithin(inner)]);
}

describe('a poisoned answer', () => {
  it.each([
    ['read whole', true],
    ['read by fields', { id: true, inner: { id: true }, list: { id: true }, open: { '*': { id: true } } }],
    ['read by whole parts', { inner: true, list: true, open: true }],
  ] as const)('loses its poison at every depth where it is %s', (_, mask) => {
    const checked = checker(readSchema(Answer, mask))(poisoned);
    expect(checked.ok).toBe(true);
    const keys = keysWithin(checked.ok && checked.value);
    expect(keys).toContain('inner');
    expect(keys).not.toContain('__proto__');
    expect(keys).not.toContain('constructor');
    expect(keys).not.toContain('polluted');
  });

  it('loses `__proto__` in a value that may be any JSON', () => {
    const checked = checker(z.object({ any: z.json() }))(
      JSON.parse('{"any":{"__proto__":{"polluted":1},"deep":[{"__proto__":{"polluted":1}}]}}'),
    );
    expect(checked).toStrictEqual({ ok: true, value: { any: { deep: [{}] } } });
  });
});

describe('a poisoned request', () => {
  const create = wire('post', '/orders', z.object({ note: z.string().optional() }));
  const list = wire('get', '/orders', z.object({ limit: z.int().optional() }));
  const nothing = { params: {}, query: {}, headers: {}, body: undefined };

  it.each(['{"__proto__":{"note":"x"}}', '{"constructor":{"prototype":{"note":"x"}}}'])('is refused: %s', (body) => {
    expect(readInput(create, z.object({ note: z.string().optional() }), { ...nothing, body: JSON.parse(body) })).toMatchObject({
      ok: false,
      issues: [{ in: 'body', message: 'unknown field' }],
    });
  });

  it.each(['__proto__', 'constructor', 'a[__proto__]', '__proto__[polluted]'])('is refused for the query key %s', (key) => {
    const query = Object.fromEntries([[key, '1']]);
    expect(readInput(list, z.object({ limit: z.int().optional() }), { ...nothing, query })).toEqual({
      ok: false,
      issues: [{ in: 'query', path: key, message: 'unknown query parameter' }],
    });
  });
});
