import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type AnyPart, operation, optional, product } from '#contracts/kernel/index.js';
import { outputCheck } from '../../src/composition/output.js';
import type { Outcome } from '../../src/upstream/answer.js';
import { readOf, received } from '../../src/upstream/checked.js';
import { Said } from '../../src/upstream/said.js';

const Item = z.object({ id: z.string(), price: z.number() });
const Stock = z.object({ available: z.int() });
const { getItem, getStock } = product('shop', 1, {
  getItem: operation({ get: '/items', input: z.object({}), output: Item }),
  getStock: operation({ get: '/stock', input: z.object({}), output: Stock }),
});
const parts: readonly AnyPart[] = [getItem.reads(true), optional(getStock.reads(true)), getItem.reads({ id: true })];

/** What a part came to that was answered with this text. */
function answeredWith(place: number, text: string): Outcome & { readonly ok: true } {
  const answer = received(200, {}, JSON.parse(text), new Said(text));
  const checked = parts[place] && readOf(answer, parts[place].check);
  if (!checked?.ok) throw new Error('expected what can be read');
  return { ok: true, value: checked.value, answer };
}

const item = answeredWith(0, '{"price":1e1,"id":"i-1"}');
const stock = answeredWith(1, '{"available":3}');
const cut = answeredWith(2, '{"price":1e1,"id":"i-1"}');
const outcomesOf = (place: number): readonly Outcome[] => [[item], [stock], [cut]][place] ?? [];
const texts = (whole: ReadonlyMap<string, Buffer>) => Object.fromEntries([...whole].map(([name, bytes]) => [name, bytes.toString()]));

describe('what a composition gives', () => {
  const output = z.object({ item: Item, stock: Stock.optional(), count: z.int() });
  const check = outputCheck({ output }, parts);

  it('goes out in the bytes that it came in where a part is handed through whole; the rest is checked', () => {
    const checked = check({ count: 1, stock: stock.value, item: item.value, unknown: 1 }, outcomesOf);
    if (!checked.ok) throw new Error(checked.message);
    const { data, whole } = checked.value;
    expect(JSON.stringify(data)).toBe('{"item":{"id":"i-1","price":10},"stock":{"available":3},"count":1}');
    expect(texts(whole)).toEqual({ item: '{"price":1e1,"id":"i-1"}', stock: '{"available":3}' });
  });

  it('says where the rest breaks its contract', () => {
    expect(check({ item: item.value, count: 1.5 }, outcomesOf)).toMatchObject({ ok: false, fields: ['count'] });
    expect(check({ item: item.value }, outcomesOf)).toMatchObject({ ok: false, fields: ['count'] });
  });

  it('is written anew where it is another value than the part`s, be it equal', () => {
    const checked = check({ item: { ...(item.value as object) }, count: 1 }, outcomesOf);
    expect(checked).toEqual({ ok: true, value: { data: { item: item.value, count: 1 }, whole: new Map() } });
  });

  it('is written anew where only a piece of the part is read', () => {
    expect(check({ item: cut.value, count: 1 }, outcomesOf)).toMatchObject({ ok: false, fields: ['item.price'] });
  });

  it('is checked as a whole where it is nothing with fields', () => {
    for (const composed of [undefined, null, 1, [item.value]]) expect(check(composed, outcomesOf).ok).toBe(false);
  });

  it.each([
    ['another schema stands there', z.object({ item: z.object({ id: z.string(), price: z.number() }), count: z.int() })],
    ['something is said of all fields together', z.object({ item: Item, count: z.int() }).refine(() => true)],
    ['other fields may come', z.looseObject({ item: Item, count: z.int() })],
  ])('is written anew where %s', (_, schema) => {
    const checked = outputCheck({ output: schema }, parts)({ item: item.value, count: 1 }, outcomesOf);
    expect(checked).toEqual({ ok: true, value: { data: { item: item.value, count: 1 }, whole: new Map() } });
  });

  it('may have no other fields where its contract says so', () => {
    const strict = outputCheck({ output: z.strictObject({ item: Item, count: z.int() }) }, parts);
    expect(strict({ item: item.value, count: 1 }, outcomesOf)).toMatchObject({ ok: true });
    expect(strict({ item: item.value, count: 1, more: 1 }, outcomesOf)).toMatchObject({ ok: false });
  });
});
