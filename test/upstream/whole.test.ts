import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type Arbitrary, array, assert, constantFrom, dictionary, letrec, oneof, property, tuple } from 'fast-check';
import { z } from 'zod';
import { type Checked, checker } from '#contracts/kernel/index.js';
import { received, seal } from '../../src/upstream/checked.js';
import { Said } from '../../src/upstream/said.js';
import { keysBy } from '../../src/upstream/keys-by.js';
import { type KeysOf, keysOf, wholeOf } from '../../src/upstream/whole.js';

const Item = z.object({
  id: z.string(),
  price: z.object({ amount: z.number(), currency: z.string() }),
  tags: z.array(z.object({ name: z.string() })),
  note: z.string().nullable().optional(),
});
const read = checker(Item);

/** What is handed through of a text, once it was read by its contract. */
function wholeBy(keys: KeysOf, text: string, change?: (value: unknown) => void): string | undefined {
  const answer = received(200, {}, JSON.parse(text), new Said(text));
  const checked = read(answer.value);
  if (!checked.ok) throw new Error(checked.message);
  change?.(checked.value);
  return wholeOf(answer, checked.value, keys)?.toString();
}

const TEXT = '{"id":"i-1","price":{"amount":1.5,"currency":"EUR"},"tags":[{"name":"a"},{"name":"b"}],"note":null}';

describe.each([
  ['any schema', keysOf],
  ['their own schema', keysBy(Item)],
])('the bytes of an answer that is handed through, with keys counted by %s', (_, keys) => {
  const whole = (text: string, change?: (value: unknown) => void): string | undefined => wholeBy(keys, text, change);

  it.each([
    ['compact', TEXT],
    ['in another order, with what is optional left out', '{"tags":[],"price":{"currency":"","amount":-0},"id":"Łódź’"}'],
    ['with blanks after the colon, and around it all', '\n{ "id": "i-1",\n "price": { "amount": 1e2, "currency": "x" }, "tags": [ ] }\n'],
    ['with a colon in a value', TEXT.replace('i-1', '12:30')],
  ])('are those that came: %s', (_, text) => {
    expect(whole(text)).toBe(text);
  });

  it.each([
    ['a field more than is read', TEXT.replace('"note"', '"secret":1,"note"')],
    ['a field more than is read, further in', TEXT.replace('"name":"b"', '"name":"b","secret":1')],
    ['a key twice', TEXT.replace('"id":"i-1"', '"id":"other","id":"i-1"')],
    ['a key twice, further in', TEXT.replace('"amount":1.5', '"amount":{"x":1},"amount":1.5')],
    ['a key twice, by an escape', TEXT.replace('"id":"i-1"', '"\\u0069d":"other","id":"i-1"')],
    ['a key twice, with a blank before its colon', TEXT.replace('"id":"i-1"', '"id" :"other","id":"i-1"')],
    ['a key twice, where another one is not seen', TEXT.replace('"id":"i-1","price":', '"id":"other","id":"i-1","price" :')],
    ['a value that looks like a key', TEXT.replace('"EUR"', '"\\":"')],
    ['__proto__', TEXT.replace('"id"', '"__proto__":{},"id"')],
  ])('are none where there is %s', (_, text) => {
    expect(whole(text)).toBeUndefined();
  });

  it.each<[string, (value: z.output<typeof Item>) => void]>([
    ['changed', (value) => (value.price.amount = 2)],
    ['added to', (value) => value.tags.push({ name: 'c' })],
    ['cut', (value) => value.tags.pop()],
    ['given another field', (value) => Object.assign(value.price, { vat: 1 })],
    ['robbed of a field', (value) => Reflect.deleteProperty(value, 'note')],
  ])('are none where the value was %s since', (_, change) => {
    expect(whole(TEXT, (value) => change(value as z.output<typeof Item>))).toBeUndefined();
  });

  it('are those of what was optional, or is null', () => {
    for (const note of ['', ',"note":"x"', ',"note":null'])
      expect(whole(TEXT.replace(',"note":null', note))).toBe(TEXT.replace(',"note":null', note));
  });
});

describe('the bytes of an answer that is handed through', () => {
  it('are none where the value shares a piece with what was read: who changes the one changes the other', () => {
    const answer = received(200, {}, { inner: { a: 1 } }, new Said('{"inner":{"a":1}}'));
    expect(wholeOf(answer, { inner: (answer.value as { inner: object }).inner })).toBeUndefined();
  });

  it('are none of an answer that was made by hand', () => {
    expect(wholeOf({ status: 200, headers: {}, value: { a: 1 } }, { a: 1 })).toBeUndefined();
  });

  it('are those that came of what is kept, once it was read', () => {
    const { answer } = seal(received(200, {}, JSON.parse(TEXT), new Said(TEXT)));
    const checked = read(answer.value);
    expect(checked.ok && wholeOf(answer, checked.value)?.toString()).toBe(TEXT);
  });

  it('say the value and have no key twice, whatever the text is', () => {
    const key = constantFrom('a', 'b', '\\u0061', 'a":', '__proto__');
    const gap = constantFrom('', '', '', ' ', '\n');
    const { tree } = letrec<{ tree: string }>((tie) => ({
      tree: oneof(
        { maxDepth: 3, depthSize: 'small' },
        constantFrom('1', '-0', '1e2', 'null', '"a"', '"\\":"', '": "'),
        array(tie('tree'), { maxLength: 3 }).map((all) => `[${all.join(',')}]`),
        array(tuple(key, gap, tie('tree')), { maxLength: 4 }).map(
          (all) => `{${all.map(([name, blank, value]) => `"${name.replace('"', '\\"')}"${blank}:${value}`).join(',')}}`,
        ),
      ),
    }));
    const Json = z.json();
    const check = checker(Json);
    let handed = 0;
    assert(
      property(tree, (text) => {
        const answer = received(200, {}, JSON.parse(text), new Said(text));
        const checked = check(structuredClone(answer.value));
        if (!checked.ok) return;
        const bytes = wholeOf(answer, checked.value);
        if (!bytes) return;
        handed++;
        expect(bytes.toString()).toBe(text);
        expect(JSON.parse(text)).toEqual(checked.value);
        expect(keysOfText(text)).toBe(keysOfValue(checked.value));
      }),
      { numRuns: 3000 },
    );
    expect(handed).toBeGreaterThan(300);
  });
});

describe('keys that are counted by a schema', () => {
  const Leaf = z.object({ a: z.string(), b: z.int().optional() });
  interface Tree {
    readonly name: string;
    readonly below?: readonly Tree[] | undefined;
  }
  const Branch: z.ZodType<Tree> = z.object({
    name: z.string(),
    get below() {
      return z.array(Branch).optional();
    },
  });
  const schemas: Readonly<Record<string, z.ZodType>> = {
    'an object': Leaf,
    'a list': z.array(z.array(z.enum(['x', 'y']))),
    'a record': z.object({ all: z.record(z.string(), z.union([Leaf, z.string()])).optional() }),
    'a union': z.object({ one: z.union([Leaf, z.string(), z.null()]) }),
    'what is transformed': z.object({
      on: z
        .string()
        .transform((text) => text.length)
        .optional(),
      in: z.string().trim().optional(),
      or: z.int().default(1),
    }),
    'names that all objects have': z.object({ constructor: z.string().optional(), toString: z.int().optional() }),
    'names like no others': z.object({ 'a"b\\n': z.string().optional(), ['__proto__']: Leaf.optional(), '': z.object({}).nullish() }),
    'what contains itself': Branch,
  };
  const leaf = constantFrom<unknown>('x', 'y', 'x', 1, -0, null, true);
  const valuesOf = (names: readonly string[]): Arbitrary<unknown> =>
    letrec<{ value: unknown }>((tie) => ({
      value: oneof(
        { maxDepth: 4, depthSize: 'small' },
        leaf,
        array(tie('value'), { maxLength: 3 }),
        dictionary(constantFrom(...names), tie('value'), { maxKeys: 3 }),
      ),
    })).value;

  it.each(Object.keys(schemas))('are those that are counted by none: %s', (name) => {
    const schema = schemas[name] ?? z.never();
    const check = checker(schema);
    const keys = keysBy(schema);
    const value = valuesOf(['a', 'b', '__proto__', ...(schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])]);
    expect(keysBy(schema)).toBe(keys);
    let counted = 0;
    assert(
      property(value, value, (one, other) => {
        const checked: Checked<unknown> = check(one);
        if (!checked.ok) return;
        counted++;
        // As it was read, as it came, and something else altogether. Of what is not equal it is as good to say so.
        for (const made of [checked.value, structuredClone(one), other]) {
          const found = keys(one, made);
          const counts = !Number.isNaN(found) || isDeepStrictEqual(one, made);
          expect({ made, keys: found }).toEqual({ made, keys: counts ? keysOf(one, made) : Number.NaN });
        }
      }),
      { numRuns: 3000 },
    );
    expect(counted).toBeGreaterThan(10);
  });
});

/** How many keys stand in a text: strings before a colon. */
const keysOfText = (text: string): number =>
  [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;

function keysOfValue(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce<number>((sum, one) => sum + keysOfValue(one), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}
