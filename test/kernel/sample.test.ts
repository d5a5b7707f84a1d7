import { describe, expect, it } from '@jest/globals';
import { id } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import * as fc from 'fast-check';
import { z } from 'zod';
import { complaint } from './complaint.js';

interface Block {
  kind: string;
  children: Block[];
  next?: Block | undefined;
  other: Block | null;
  byName: Record<string, Block>;
}
const Block: z.ZodType<Block> = z.object({
  kind: z.string(),
  get children() {
    return z.array(Block);
  },
  get next() {
    return Block.optional();
  },
  get other() {
    return Block.nullable();
  },
  get byName() {
    return z.record(z.string(), Block);
  },
});

describe('a sample', () => {
  it('is what the contract gives as an example', () => {
    expect(sample(z.object({ name: z.string().meta({ example: 'Ada' }), city: z.string().meta({ examples: ['Lund', 'Malmö'] }) }))).toEqual(
      { name: 'Ada', city: 'Lund' },
    );
  });

  it('takes the next example for the next item of a list', () => {
    expect(sample(z.array(z.string().meta({ examples: ['Lund', 'Malmö'] })), { items: 3 })).toEqual(['Lund', 'Malmö', 'Lund']);
  });

  it('gives the items of a list differing ids', () => {
    expect(sample(z.array(z.object({ id: id('u'), friends: z.array(id('u')) })))).toEqual([
      { id: 'u-0001', friends: ['u-0001', 'u-0002'] },
      { id: 'u-0002', friends: ['u-0001', 'u-0002'] },
    ]);
    expect(new Set(sample(z.array(z.uuid()), { items: 50 })).size).toBe(50);
  });

  it('calls a text after its field', () => {
    expect(sample(z.object({ examTitle: z.string() }))).toEqual({ examTitle: 'exam title' });
  });

  it('takes the default of an input', () => {
    expect(sample(z.object({ limit: z.int().max(100).default(20) }))).toEqual({ limit: 20 });
  });

  it('has all that may be absent, the first arm of a union and the first member of an enum', () => {
    const schema = z.object({
      a: z.enum(['x', 'y']).optional(),
      b: z.int().nullable(),
      c: z.union([z.literal('first'), z.int()]),
      d: z.literal([7, 8]),
    });
    expect(sample(schema)).toEqual({ a: 'x', b: 1, c: 'first', d: 7 });
  });

  it('has two items in a list unless asked otherwise, within the bounds of the list', () => {
    expect(sample(z.array(z.int()))).toHaveLength(2);
    expect(sample(z.array(z.int()), { items: 5 })).toHaveLength(5);
    expect(sample(z.array(z.int()).min(3))).toHaveLength(3);
    expect(sample(z.array(z.int()).max(1))).toHaveLength(1);
    expect(sample(z.array(z.int()).length(4))).toHaveLength(4);
    expect(sample(z.array(z.int()), { items: 0 })).toEqual([]);
  });

  it('has the declared keys of a record, or two of its own', () => {
    expect(sample(z.record(z.enum(['left', 'right']), z.int()))).toEqual({ left: 1, right: 1 });
    expect(sample(z.record(id('u'), z.int()))).toEqual({ 'u-0001': 1, 'u-0002': 2 });
  });

  it('is both sides of an intersection', () => {
    expect(sample(z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() })))).toEqual({ a: 1, b: 1 });
  });

  it('ends a recursive schema after two levels', () => {
    const inner = { kind: 'kind', children: [], other: null, byName: {} };
    expect(sample(Block)).toEqual({
      kind: 'kind',
      children: [inner, { ...inner, kind: 'kind 2' }],
      next: inner,
      other: inner,
      byName: { key: inner, 'key 2': { ...inner, kind: 'kind 2' } },
    });
    expect(sample(z.json())).toEqual('text');
  });

  it.each<[string, z.ZodType]>([
    ['datetime', z.iso.datetime()],
    ['datetime with an offset and milliseconds', z.iso.datetime({ offset: true, precision: 3 })],
    ['local datetime without seconds', z.iso.datetime({ local: true, precision: -1 })],
    ['date', z.iso.date()],
    ['time', z.iso.time()],
    ['time to the minute', z.iso.time({ precision: -1 })],
    ['duration', z.iso.duration()],
    ['email', z.email()],
    ['email of a string', z.string().email()],
    ['url', z.url()],
    ['http url', z.httpUrl()],
    ['uuid', z.uuid()],
    ['uuid v7', z.uuidv7()],
    ['guid', z.guid()],
    ['nanoid', z.nanoid()],
    ['cuid2', z.cuid2()],
    ['ulid', z.ulid()],
    ['xid', z.xid()],
    ['ksuid', z.ksuid()],
    ['ipv4', z.ipv4()],
    ['ipv6', z.ipv6()],
    ['mac', z.mac()],
    ['cidrv4', z.cidrv4()],
    ['cidrv6', z.cidrv6()],
    ['base64', z.base64()],
    ['base64url', z.base64url()],
    ['e164', z.e164()],
    ['credit card', z.creditCard()],
    ['iban', z.iban()],
    ['jwt', z.jwt()],
    ['emoji', z.emoji()],
    ['hex', z.hex()],
    ['hostname', z.hostname()],
    ['currency code', z.currencyCode()],
    ['upper case', z.string().uppercase()],
    ['prefix, suffix and length', z.string().startsWith('ab').endsWith('yz').length(9)],
    ['substring', z.string().includes('mid').max(5)],
    ['template', z.templateLiteral(['v', z.int(), '.', z.enum(['a', 'b'])])],
    ['exact length', z.string().length(40)],
    ['length of one', z.string().length(1)],
    ['multiple', z.number().multipleOf(0.05).min(1.01)],
    ['open interval', z.number().gt(0).lt(0.001)],
    ['negative int', z.int().negative()],
    ['unsigned', z.uint32()],
    ['float', z.float32()],
  ])('can be a %s, for any item of a list', (_, schema) => {
    for (const value of sample(z.array(schema), { items: 5 })) expect(schema.safeParse(value).success).toBe(true);
  });

  it.each([
    [
      'a pattern without an example',
      z.object({ lines: z.array(z.object({ sku: z.string().regex(/^\d{3}-[A-Z]{2}$/) })) }),
      'sample: "lines.sku": none could be made that passes /^\\d{3}-[A-Z]{2}$/; give it .meta({ example })',
    ],
    [
      'bounds that exclude each other',
      z.object({ n: z.int().gt(1).lt(2) }),
      'sample: "n": none could be made that passes number_format, greater_than, less_than; give it .meta({ example })',
    ],
    [
      'a rule of the whole',
      z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a > b, { path: ['a'], error: 'a has to be above b' }),
      'sample: "a": a has to be above b; give it .meta({ example })',
    ],
    [
      'an example that does not pass',
      z.object({ n: z.int().meta({ example: 1.5 }) }),
      'sample: "n": its own example does not pass: Invalid input: expected int, received number',
    ],
    ['no value at all', z.object({ n: z.never() }), 'sample: the schema has no finite value'],
    ['a kind that no contract may have', z.object({ at: z.date() }), 'sample: "at" is a date, which no contract may have'],
  ])('is refused, by its place, where there is %s', (_, schema, message) => {
    expect(complaint(() => sample(schema))).toBe(message);
  });

  it('of an endless schema is refused', () => {
    const Endless: z.ZodType = z.object({
      get next() {
        return Endless;
      },
    });
    expect(complaint(() => sample(Endless))).toBe('sample: the schema has no finite value');
  });
});

// Any schema that a contract may use, but for patterns, which need an example.
const { schema: anySchema } = fc.letrec<{ schema: z.ZodType; fields: z.ZodObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => z.string().min(Math.min(a, b)).max(Math.max(a, b))),
    fc.tuple(fc.integer(), fc.integer()).map(([a, b]) => z.int().min(Math.min(a, b)).max(Math.max(a, b))),
    fc
      .tuple(fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(0.25, 3, 100))
      .map(([least, step]) => z.number().min(least).multipleOf(step)),
    fc.constantFrom<z.ZodType>(
      z.boolean(),
      z.null(),
      z.iso.datetime(),
      z.iso.date(),
      z.email(),
      z.uuid(),
      z.url(),
      id('u'),
      z.json(),
      Block,
      z.templateLiteral(['x', z.int()]),
    ),
    fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }).map((values) => z.enum(values)),
    fc.oneof(fc.string(), fc.integer(), fc.boolean()).map((value) => z.literal(value)),
    tie('fields'),
    fc.tuple(tie('schema'), fc.nat(3), fc.nat(3)).map(([element, a, b]) => z.array(element).min(Math.min(a, b)).max(Math.max(a, b))),
    tie('schema').map((inner) => inner.nullable()),
    tie('schema').map((inner) => z.lazy(() => inner)),
    tie('schema').map((value) => z.record(z.string(), value)),
    tie('schema').map((value) => z.record(z.enum(['a', 'b']), value)),
    tie('schema').map((value) => z.partialRecord(z.enum(['a', 'b']), value)),
    fc.tuple(tie('schema'), tie('schema')).map((pair) => z.tuple(pair)),
    fc.tuple(tie('schema'), tie('schema')).map((arms) => z.union(arms)),
    fc
      .tuple(tie('fields'), tie('fields'))
      .map(([a, b]) => z.discriminatedUnion('kind', [a.extend({ kind: z.literal('a') }), b.extend({ kind: z.literal('b') })])),
    fc.tuple(tie('schema'), tie('schema')).map(([left, right]) => z.intersection(z.object({ left }), z.object({ right }))),
  ),
  fields: fc
    .dictionary(fc.constantFrom('id', 'name', 'total', 'placedAt', 'lines'), fc.tuple(tie('schema'), fc.boolean()), { maxKeys: 4 })
    .map((fields) =>
      z.object(Object.fromEntries(Object.entries(fields).map(([key, [inner, optional]]) => [key, optional ? inner.optional() : inner]))),
    ),
}));
const options = fc.record({ seed: fc.integer(), items: fc.nat(4) }, { requiredKeys: [] });

describe('a sample of any schema', () => {
  it('passes that schema after it travelled as JSON, whatever the seed', () => {
    fc.assert(
      fc.property(anySchema, options, (schema, chosen) => {
        expect(schema.safeParse(JSON.parse(JSON.stringify(sample(schema, chosen))))).toMatchObject({ success: true });
      }),
      { numRuns: 500 },
    );
  });

  it('is the same for the same options', () => {
    fc.assert(fc.property(anySchema, options, (schema, chosen) => expect(sample(schema, chosen)).toEqual(sample(schema, chosen))));
  });

  it('takes every arm, member and absence for some seed', () => {
    const schema = z.object({ a: z.enum(['x', 'y', 'z']), b: z.union([z.literal('left'), z.literal('right')]), c: z.boolean().optional() });
    const seen = new Set(Array.from({ length: 100 }, (_, seed) => sample(schema, { seed })).flatMap(({ a, b, c }) => [a, b, String(c)]));
    expect([...seen].sort()).toEqual(['false', 'left', 'right', 'true', 'undefined', 'x', 'y', 'z']);
  });
});
