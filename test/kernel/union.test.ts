import { describe, expect, it } from '@jest/globals';
import { type AnyMask, checker } from '#contracts/kernel/index.js';
import { readSchema } from '#contracts/kernel/read-schema.js';
import { z } from 'zod';
import { complaint } from './complaint.js';

const Payment = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('card'),
    scheme: z.literal('visa'),
    currency: z.enum(['EUR', 'SEK']),
    last4: z.string(),
    bank: z.object({ name: z.string(), code: z.string() }),
  }),
  z.object({ kind: z.literal('iban'), scheme: z.literal('sepa'), currency: z.enum(['EUR', 'SEK']), iban: z.string() }),
]);
const card = { kind: 'card', scheme: 'visa', currency: 'EUR', last4: '4242', bank: { name: 'SEB', code: 'x' } };
const iban = { kind: 'iban', scheme: 'sepa', currency: 'SEK', iban: 'SE1' };
const read = (schema: z.ZodType, mask: AnyMask, value: unknown): unknown => checker(readSchema(schema, mask))(value);

describe('the fields of a union', () => {
  it('come with every field that tells the arms apart', () => {
    expect(read(Payment, { last4: true }, card)).toEqual({ ok: true, value: { kind: 'card', scheme: 'visa', last4: '4242' } });
  });

  it('leave an arm that has none of them with what tells it apart', () => {
    expect(read(Payment, { last4: true }, iban)).toEqual({ ok: true, value: { kind: 'iban', scheme: 'sepa' } });
  });

  it('are masked within each arm', () => {
    expect(read(Payment, { bank: { name: true }, iban: true }, card)).toMatchObject({ value: { bank: { name: 'SEB' } } });
    expect(read(Payment, { bank: { name: true }, iban: true }, iban)).toMatchObject({ value: { iban: 'SE1' } });
  });

  it('do not take an enum that the arms share for what tells them apart', () => {
    expect(read(Payment, { last4: true }, card)).not.toMatchObject({ value: { currency: 'EUR' } });
  });

  it('may break without harm where nobody reads them', () => {
    expect(read(Payment, { last4: true }, { ...card, currency: 7, bank: null })).toMatchObject({ ok: true });
  });

  it('are looked for behind null and within lists', () => {
    const schema = z.object({ paid: z.array(Payment.nullable()) });
    expect(read(schema, { paid: { iban: true } }, { paid: [null, iban, card] })).toEqual({
      ok: true,
      value: { paid: [null, { kind: 'iban', scheme: 'sepa', iban: 'SE1' }, { kind: 'card', scheme: 'visa' }] },
    });
  });

  it('are told apart by true and false, and by numbers, too', () => {
    const Ended = z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), at: z.string() }),
      z.object({ ok: z.literal(false), why: z.string() }),
    ]);
    expect(read(Ended, { at: true }, { ok: false, why: 'late' })).toEqual({ ok: true, value: { ok: false } });
    const Levels = z.discriminatedUnion('level', [
      z.object({ level: z.literal(1), a: z.string() }),
      z.object({ level: z.literal(2), b: z.string() }),
    ]);
    expect(read(Levels, { a: true }, { level: 1, a: 'x' })).toEqual({ ok: true, value: { level: 1, a: 'x' } });
  });

  it('break by name', () => {
    expect(read(Payment, { last4: true }, { ...card, last4: 4242 })).toMatchObject({ ok: false, fields: ['last4'] });
    expect(read(Payment, { bank: { name: true } }, { ...card, bank: {} })).toMatchObject({ ok: false, fields: ['bank.name'] });
  });

  it('break where the arm is unknown, by the name of what tells the arms apart', () => {
    expect(read(z.object({ paid: Payment }), { paid: { last4: true } }, { paid: { ...card, kind: 'cash' } })).toMatchObject({
      ok: false,
      fields: ['paid.kind'],
    });
  });

  it('are refused where no arm has them, with the nearest known', () => {
    expect(complaint(() => readSchema(Payment, { last5: true }))).toBe('reads: no field "last5" in the contract (did you mean "last4"?)');
  });
});

describe('a union without a discriminator', () => {
  const Plain = z.object({ at: z.union([z.object({ street: z.string() }), z.object({ lat: z.number(), lon: z.number() })]) });

  it('is read whole', () => {
    expect(read(Plain, { at: true }, { at: { lat: 1, lon: 2, invented: 3 } })).toEqual({ ok: true, value: { at: { lat: 1, lon: 2 } } });
  });

  it('is refused where a mask goes into it', () => {
    expect(complaint(() => readSchema(Plain, { at: { street: true } }))).toBe(
      'reads: "at" is a union without a discriminator, readable only whole: say true',
    );
  });

  it('is refused where its arms are no plain objects', () => {
    const Nested = z.discriminatedUnion('kind', [Payment, z.object({ kind: z.literal('cash') })]);
    expect(complaint(() => readSchema(z.object({ paid: Nested }), { paid: { last4: true } }))).toBe(
      'reads: "paid" is a union of other things than objects, readable only whole: say true',
    );
  });
});
