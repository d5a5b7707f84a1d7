import { describe, expect, it } from '@jest/globals';
import { type AnyMask, checker, fallback, operation, optional, product } from '#contracts/kernel/index.js';
import { readSchema } from '#contracts/kernel/read-schema.js';
import { sample } from '#contracts/kernel/sample.js';
import * as fc from 'fast-check';
import { z } from 'zod';
import { complaint } from './complaint.js';

interface Block {
  kind: string;
  children: Block[];
}
const Block: z.ZodType<Block> = z.object({
  kind: z.string(),
  get children() {
    return z.array(Block);
  },
});
const Order = z.object({
  id: z.string(),
  note: z.string().optional(),
  lines: z.array(z.object({ price: z.number(), quantity: z.int() })),
  delivery: z.object({ city: z.string(), zip: z.string() }).nullable(),
  stock: z.record(z.string(), z.object({ left: z.int(), where: z.string() })),
  seats: z.record(z.enum(['left', 'right']), z.object({ row: z.int(), free: z.boolean() })),
  halls: z.partialRecord(z.enum(['a', 'b']), z.object({ row: z.int() })),
  root: Block,
});
const { getOrder } = product('shop', 2, {
  getOrder: operation({ get: '/orders/{id}', input: z.object({ id: z.string() }), output: Order }),
});

/** An answer as a newer version of the product might send it: everything declared, and more. */
const answer = {
  id: 'o-0001',
  note: 'ring twice',
  invented: 1,
  lines: [
    { price: 2.5, quantity: 1, invented: 2 },
    { price: 4, quantity: 3, invented: 3 },
  ],
  delivery: { city: 'Lund', zip: '22100', invented: 4 },
  stock: { berlin: { left: 1, where: 'A1', invented: 5 }, lund: { left: 0, where: 'B7' } },
  seats: { left: { row: 1, free: true }, right: { row: 2, free: false } },
  halls: { a: { row: 9, invented: 6 } },
  root: { kind: 'page', children: [{ kind: 'heading', children: [{ kind: 'text', children: [] }] }] },
};
const read = (mask: AnyMask, value: unknown): unknown => checker(readSchema(Order, mask))(value);

/** What a mask chooses of a value, said without a schema. */
function chosen(value: unknown, mask: AnyMask): unknown {
  if (mask === true || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => chosen(item, mask));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const below = mask[key] ?? mask['*'];
      return below === undefined ? [] : [[key, chosen(inner, below)]];
    }),
  );
}

describe('reads', () => {
  it('gives the named fields and drops all else, at every depth', () => {
    const part = getOrder.reads({ id: true, lines: { price: true }, delivery: { city: true }, stock: { '*': { left: true } } });
    expect(part.check(answer)).toEqual({
      ok: true,
      value: {
        id: 'o-0001',
        lines: [{ price: 2.5 }, { price: 4 }],
        delivery: { city: 'Lund' },
        stock: { berlin: { left: 1 }, lund: { left: 0 } },
      },
    });
  });

  it('drops what the contract does not know where the whole is read', () => {
    const checked = getOrder.reads(true).check(answer);
    expect(checked.ok).toBe(true);
    expect(JSON.stringify(checked)).not.toContain('invented');
  });

  it('keeps null, and keeps absent what is absent', () => {
    const { note: _, ...noteless } = answer;
    const part = getOrder.reads({ note: true, delivery: { city: true } });
    expect(part.check({ ...noteless, delivery: null })).toStrictEqual({ ok: true, value: { delivery: null } });
  });

  it('reads the keys that a record names like the fields of an object', () => {
    expect(getOrder.reads({ seats: { left: { row: true } }, halls: { a: true, b: true } }).check(answer)).toEqual({
      ok: true,
      value: { seats: { left: { row: 1 } }, halls: { a: { row: 9 } } },
    });
  });

  it('walks a recursive schema only where the mask goes', () => {
    const part = getOrder.reads({ root: { children: { kind: true } } });
    expect(part.check(answer)).toEqual({ ok: true, value: { root: { children: [{ kind: 'heading' }] } } });
  });

  it('gives a copy: the product`s answer is shared by other readers', () => {
    const checked = getOrder.reads({ lines: { price: true } }).check(answer);
    expect(checked.ok && checked.value.lines).not.toBe(answer.lines);
    expect(checked.ok && checked.value.lines[0]).not.toBe(answer.lines[0]);
  });

  it('gives, for any fields of any answer, exactly those fields', () => {
    const masks = fc.record(
      {
        id: fc.constant(true),
        note: fc.constant(true),
        lines: fc.oneof(fc.constant(true), fc.record({ price: fc.constant(true), quantity: fc.constant(true) }, { requiredKeys: [] })),
        delivery: fc.oneof(fc.constant(true), fc.record({ city: fc.constant(true), zip: fc.constant(true) }, { requiredKeys: [] })),
        stock: fc.oneof(
          fc.constant(true),
          fc.record({ '*': fc.record({ left: fc.constant(true), where: fc.constant(true) }, { requiredKeys: [] }) }),
        ),
        seats: fc.record({ left: fc.record({ row: fc.constant(true) }), right: fc.constant(true) }, { requiredKeys: [] }),
        root: fc.record({ children: fc.record({ kind: fc.constant(true), children: fc.constant(true) }, { requiredKeys: [] }) }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(masks, fc.integer(), (mask, seed) => {
        const value = sample(Order, { seed });
        expect(read(mask as AnyMask, value)).toEqual({ ok: true, value: chosen(value, mask) });
      }),
    );
  });

  it('lists what it reads as sorted dotted paths, and the whole as a dot', () => {
    expect(getOrder.reads({ stock: { '*': { left: true } }, id: true, lines: { quantity: true, price: true } }).paths).toEqual([
      'id',
      'lines.price',
      'lines.quantity',
      'stock.*.left',
    ]);
    expect(getOrder.reads(true).paths).toEqual(['.']);
  });

  it.each([
    ['at the top', { idd: true }, 'shop v2 getOrder reads: no field "idd" in the contract (did you mean "id"?)'],
    [
      'within an object',
      { delivery: { cty: true } },
      'shop v2 getOrder reads: no field "delivery.cty" in the contract (did you mean "city"?)',
    ],
    ['within a list', { lines: { prize: true } }, 'shop v2 getOrder reads: no field "lines.prize" in the contract (did you mean "price"?)'],
    [
      'within a record',
      { stock: { '*': { lft: true } } },
      'shop v2 getOrder reads: no field "stock.*.lft" in the contract (did you mean "left"?)',
    ],
    ['for the keys of an open record', { stock: { berlin: true } }, 'shop v2 getOrder reads: no field "stock.berlin" in the contract'],
    [
      'for the keys of a closed record',
      { seats: { lift: true } },
      'shop v2 getOrder reads: no field "seats.lift" in the contract (did you mean "left"?)',
    ],
    [
      'within a recursive schema',
      { root: { children: { children: { kin: true } } } },
      'shop v2 getOrder reads: no field "root.children.children.kin" in the contract (did you mean "kind"?)',
    ],
    ['inherited by every object', { constructor: true }, 'shop v2 getOrder reads: no field "constructor" in the contract'],
    ['that is plain text', { id: { length: true } }, 'shop v2 getOrder reads: "id" is a string and has no fields to choose from: say true'],
  ])('refuses an unknown field %s', (_, mask, message) => {
    expect(complaint(() => getOrder.reads(mask as never))).toBe(message);
  });
});

describe('a broken field', () => {
  it('does no harm where nobody reads it', () => {
    const broken = { ...answer, note: 7, lines: 'none', stock: null, root: [], delivery: { city: 'Lund', zip: {} } };
    expect(getOrder.reads({ id: true, delivery: { city: true } }).check(broken)).toEqual({
      ok: true,
      value: { id: 'o-0001', delivery: { city: 'Lund' } },
    });
  });

  it('does no harm where it is missing and nobody reads it', () => {
    expect(getOrder.reads({ id: true }).check({ id: 'o-0001' })).toEqual({ ok: true, value: { id: 'o-0001' } });
  });

  it.each<[string, AnyMask, unknown, string[]]>([
    ['by its name', { id: true }, { id: 7 }, ['id']],
    ['where it is missing', { id: true }, {}, ['id']],
    ['within an object', { delivery: { city: true } }, { delivery: { city: 7 } }, ['delivery.city']],
    ['without its position in a list', { lines: { price: true } }, { lines: [{ price: 1 }, { price: 'x' }] }, ['lines.price']],
    [
      'once, however often it broke',
      { lines: { price: true, quantity: true } },
      {
        lines: [
          { price: 'x', quantity: 1 },
          { price: 'y', quantity: 0.5 },
        ],
      },
      ['lines.price', 'lines.quantity'],
    ],
    [
      'without the key that the product chose',
      { stock: { '*': { left: true } } },
      { stock: { '<script>': { left: 'x' } } },
      ['stock.*.left'],
    ],
    ['with the key that the contract names', { seats: { left: { row: true } } }, { seats: { left: { row: 'x' } } }, ['seats.left.row']],
    ['within a recursive schema', { root: { children: { kind: true } } }, { root: { children: [{ kind: 7 }] } }, ['root.children.kind']],
    ['as a dot where the whole is no object', { id: true }, 'not found', ['.']],
    ['as a dot where the answer is null', { id: true }, null, ['.']],
  ])('is named %s', (_, mask, value, fields) => {
    expect(read(mask, value)).toMatchObject({ ok: false, fields });
  });

  it('is told from what was expected, and never by what came', () => {
    const checked = getOrder.reads({ id: true }).check({ id: ['secret-of-the-product'] });
    expect(checked).toEqual({ ok: false, fields: ['id'], message: 'id: Invalid input: expected string, received array' });
  });

  it('is told in a short text however many items broke', () => {
    const checked = getOrder.reads({ lines: true }).check({ lines: Array.from({ length: 50_000 }, () => ({ price: 'x', quantity: 'y' })) });
    expect(checked).toEqual({
      ok: false,
      fields: ['lines.price', 'lines.quantity'],
      message: 'lines.price: Invalid input: expected number, received string (and 99999 more)',
    });
  });

  it('is among at most five that are named', () => {
    const wide = z.object(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, z.string()])));
    expect(checker(wide)({})).toMatchObject({ fields: ['f0', 'f1', 'f2', 'f3', 'f4'], message: expect.stringContaining('(and 19 more)') });
  });

  it.each([
    [
      'a union of a record and text',
      z.union([
        z.string(),
        z.record(
          z.string(),
          z.int().refine((n) => n > 0),
        ),
      ]),
      { '<script>': -1 },
    ],
    ['a list in a union', z.union([z.string(), z.array(z.int().refine((n) => n > 0))]), [1, -1]],
  ])('in %s is not named after the product`s keys or positions', (_, inner, value) => {
    const checked = checker(z.object({ inner }))({ inner: value });
    expect(checked.ok || checked.fields.join()).toMatch(/^inner(\.\*)?$/);
  });
});

describe('need', () => {
  const part = getOrder.reads({ id: true });

  it('is required unless said otherwise', () => {
    expect(part).toMatchObject({ need: 'required', paths: ['id'] });
  });

  it('is the only thing that optional changes', () => {
    expect(optional(part)).toEqual({ ...part, need: 'optional' });
    expect(part.need).toBe('required');
  });

  it('comes with its stand-in where a part has a fallback', () => {
    expect(fallback(part, { id: 'none' })).toEqual({ ...part, need: 'fallback', fallback: { id: 'none' } });
  });
});
