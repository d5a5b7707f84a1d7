import { describe, expect, it } from '@jest/globals';
import { refusals } from '#contracts/kernel/refuse.js';
import { z } from 'zod';

const text = z.string();
const codec = z.codec(z.iso.datetime(), z.date(), { decode: (iso) => new Date(iso), encode: (date) => date.toISOString() });
const PIPE = 'a codec, transform or pipe: the value would not be what travels; declare the wire value (an ISO string, a number)';

interface Node {
  name: string;
  next: Node[];
}
const Node: z.ZodType<Node> = z.object({
  name: z.string(),
  get next() {
    return z.array(Node);
  },
});

describe('a contract', () => {
  it.each<[string, z.core.$ZodType, string]>([
    ['a codec', codec, PIPE],
    ['a transform behind a string', text.transform(Number), PIPE],
    ['a pipe', text.pipe(z.email()), PIPE],
    ['a preprocess', z.preprocess(String, text), PIPE],
    ['a stringbool', z.stringbool(), PIPE],
    ['a transform alone', z.transform(Number), 'a transform: declare the wire value'],
    ['a catch', text.catch('x'), 'a catch: it would hide a broken field'],
    ['a success', z.success(text), 'a success: the value would not be what travels'],
    ['a Date', z.date(), 'a Date, which JSON has not: use z.iso.datetime()'],
    ['a bigint', z.bigint(), 'a bigint, which JSON has not: use a string'],
    ['a bigint as a literal', z.literal([1n, 2n]), 'a bigint, which JSON has not: use a string'],
    ['a Map', z.map(text, text), 'a Map, which JSON has not: use z.record()'],
    ['a Set', z.set(text), 'a Set, which JSON has not: use z.array()'],
    ['a symbol', z.symbol(), 'a symbol, which JSON has not'],
    ['a function', z.function(), 'a function, which JSON has not'],
    ['a file', z.file(), 'a file: only JSON travels'],
    ['a promise', z.promise(text), 'a promise'],
    ['NaN', z.nan(), 'NaN, which JSON has not'],
    ['any', z.any(), 'z.any(): say what it is, or z.json() for any JSON value'],
    ['unknown', z.unknown(), 'z.unknown(): say what it is, or z.json() for any JSON value'],
    ['a custom type', z.custom<string>(), 'a custom type: say what it is on the wire'],
    ['an instance', z.instanceof(URL), 'a custom type: say what it is on the wire'],
    ['a coerced number', z.coerce.number(), 'coercion: declare the wire value'],
    ['a coerced string', z.coerce.string(), 'coercion: declare the wire value'],
    ['a coerced boolean', z.coerce.boolean(), 'coercion: declare the wire value'],
  ])('has no %s, neither in an input nor in an output', (_, schema, why) => {
    expect(refusals(schema, 'input')).toEqual([`(whole): ${why}`]);
    expect(refusals(schema, 'output')).toEqual([`(whole): ${why}`]);
  });

  it.each<[string, z.core.$ZodType, string]>([
    ['default', text.default('x'), 'a default: it would hide that a product stopped sending the field'],
    ['prefault', text.prefault('x'), 'a default: it would hide that a product stopped sending the field'],
    ['strict object', z.strictObject({ id: text }), 'a strict or loose object, or a catchall: use z.object()'],
    ['loose object', z.looseObject({ id: text }), 'a strict or loose object, or a catchall: use z.object()'],
    ['catchall', z.object({ id: text }).catchall(text), 'a strict or loose object, or a catchall: use z.object()'],
    ['loose record', z.looseRecord(z.string().regex(/^x-/), text), 'a loose record: use z.record()'],
    ['trim', text.trim(), 'a check that changes the value'],
    ['change of case', text.toLowerCase(), 'a check that changes the value'],
    ['overwrite', z.number().overwrite((n) => n + 1), 'a check that changes the value'],
  ])('has no %s in an output, but may have one in an input', (_, schema, why) => {
    expect(refusals(schema, 'output')).toEqual([`(whole): ${why}`]);
    expect(refusals(schema, 'input')).toEqual([]);
  });

  it.each<[string, z.core.$ZodType, string]>([
    ['an object', z.object({ a: z.object({ b: z.date() }) }), 'a.b'],
    ['a list', z.object({ a: z.array(z.date()) }), 'a'],
    ['a tuple', z.object({ a: z.tuple([text, z.date()]) }), 'a.1'],
    ['the rest of a tuple', z.object({ a: z.tuple([text], z.date()) }), 'a'],
    ['a record', z.object({ a: z.record(text, z.date()) }), 'a.*'],
    ['an arm of a union', z.object({ a: z.union([text, z.date()]) }), 'a'],
    ['an arm of a discriminated union', z.object({ a: z.discriminatedUnion('k', [z.object({ k: z.literal('x'), b: z.date() })]) }), 'a.b'],
    ['the left of an intersection', z.intersection(z.object({ a: z.date() }), z.object({ b: text })), 'a'],
    ['the right of an intersection', z.intersection(z.object({ b: text }), z.object({ a: z.date() })), 'a'],
    ['a lazy schema', z.object({ a: z.lazy(() => z.date()) }), 'a'],
    ['an optional field', z.object({ a: z.date().optional() }), 'a'],
    ['a nullable field', z.object({ a: z.date().nullable() }), 'a'],
    ['a read-only field', z.object({ a: z.date().readonly() }), 'a'],
    ['a nonoptional field', z.object({ a: z.date().optional().nonoptional() }), 'a'],
    ['a default of an input', z.object({ a: z.date().default(new Date(0)) }), 'a'],
  ])('is searched within %s, and the place is named', (_, schema, path) => {
    expect(refusals(schema, 'input')).toEqual([`${path}: a Date, which JSON has not: use z.iso.datetime()`]);
  });

  it('is searched within the keys of a record', () => {
    expect(
      refusals(
        z.object({
          a: z.record(
            text.transform((key) => key.trim()),
            text,
          ),
        }),
        'output',
      ),
    ).toEqual([`a.*: ${PIPE}`]);
  });

  it('is told of every place at once', () => {
    expect(refusals(z.object({ at: z.date(), no: z.bigint(), fine: text }), 'output')).toEqual([
      'at: a Date, which JSON has not: use z.iso.datetime()',
      'no: a bigint, which JSON has not: use a string',
    ]);
  });

  it('may be recursive, and is searched once', () => {
    expect(refusals(Node, 'output')).toEqual([]);
    expect(refusals(z.object({ any: z.json() }), 'output')).toEqual([]);
  });

  it('may have everything that JSON has', () => {
    const schema = z.object({
      text: text.min(1).max(9).regex(/x/),
      when: z.iso.datetime(),
      mail: z.email(),
      n: z.number().min(0),
      i: z.int(),
      yes: z.boolean(),
      none: z.null(),
      one: z.literal(['a', 1, true, null]),
      some: z.enum(['a', 'b']),
      code: z.templateLiteral(['x-', z.int()]),
      list: z.array(text).min(1),
      pair: z.tuple([text, z.number()]),
      open: z.record(text, z.int()),
      closed: z.partialRecord(z.enum(['a', 'b']), z.int()),
      either: z.union([text, z.int()]),
      both: z.intersection(z.object({ a: text }), z.object({ b: text })),
      absent: text.nullish().readonly(),
      ruled: text.refine((value) => value !== 'x'),
    });
    expect(refusals(schema, 'input')).toEqual([]);
    expect(refusals(schema, 'output')).toEqual([]);
    expect(refusals(z.undefined(), 'output')).toEqual([]);
  });
});
