import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checker } from '#contracts/kernel/index.js';

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

/** So many blocks inside one another: two levels each, a block and its list. */
function blocks(count: number): Block {
  let block: Block = { kind: 'text', children: [] };
  for (let i = 1; i < count; i++) block = { kind: 'box', children: [block] };
  return block;
}
const lists = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
const TOO_DEEP = { ok: false, fields: ['.'], message: '.: expected lists and objects nested no deeper than 64' };

describe('a value whose schema sets no bound', () => {
  it('is read 64 levels deep, and no deeper', () => {
    const json = checker(z.json());
    expect(json(lists(64))).toMatchObject({ ok: true });
    expect(json(lists(65))).toEqual(TOO_DEEP);
    const page = checker(Block);
    expect(page(blocks(32))).toEqual({ ok: true, value: blocks(32) });
    expect(page(blocks(33))).toEqual(TOO_DEEP);
  });

  it('is refused at any depth, on its sides and in the middle', () => {
    const json = checker(z.json());
    for (const depth of [100, 1_000, 10_000, 100_000, 1_000_000]) {
      expect(json(lists(depth))).toEqual(TOO_DEEP);
      expect(json({ first: 1, second: [lists(depth)] })).toEqual(TOO_DEEP);
    }
  });

  it('may be as wide as it likes', () => {
    const wide = { kind: 'page', children: Array.from({ length: 10_000 }, () => ({ kind: 'text', children: [] })) };
    expect(checker(Block)(wide)).toEqual({ ok: true, value: wide });
  });

  it('may be anything where nobody reads it', () => {
    const page = checker(z.object({ title: z.string(), root: Block }));
    const value = { title: 'Home', root: { kind: 'page', children: [], style: lists(1_000) }, drafts: lists(100_000) };
    expect(page(value)).toEqual({ ok: true, value: { title: 'Home', root: { kind: 'page', children: [] } } });
  });

  it('is refused in whichever arm of a union it goes deep', () => {
    const Text = z.object({ kind: z.string(), children: z.string() });
    const page = checker(z.union([Text, z.array(Block), Block]));
    expect(page(blocks(32))).toMatchObject({ ok: true });
    expect(page(blocks(100_000))).toEqual(TOO_DEEP);
    expect(page([blocks(100_000)])).toEqual(TOO_DEEP);
    expect(checker(z.intersection(Text.pick({ kind: true }), Block))(blocks(100_000))).toEqual(TOO_DEEP);
  });

  it('is told by what is wrong with it where it is shallow', () => {
    expect(checker(Block)({ kind: 1, children: [] })).toMatchObject({ ok: false, fields: ['kind'] });
    for (const value of [undefined, null, 1, 'page']) expect(checker(Block)(value)).toMatchObject({ ok: false, fields: ['.'] });
  });
});
