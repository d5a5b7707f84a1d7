import { describe, expect, it } from '@jest/globals';
import { partOf } from '#contracts/kernel/index.js';
import { reads } from '../../src/upstream/reads.js';
import { grownTo, readOf, received, relabelled, seal } from '../../src/upstream/checked.js';
import { Said } from '../../src/upstream/said.js';
import { Shelves, book, callOf, fails, library, says } from './shelves.js';

const title = library.getBook.reads({ title: true });
const whole = partOf(library.getIndex, true);

describe('what is kept', () => {
  it('can be changed by nobody, neither the whole nor what a part reads of it, at any depth', async () => {
    const shelves = new Shelves();
    const read = async () => {
      const outcome = await reads()(callOf(library.getIndex, { words: 1 }, shelves.request(), whole), (call) => shelves.ask(call));
      return outcome.ok ? outcome.value : undefined;
    };
    const first = read();
    shelves.below.lands(says({ words: [{ word: 'a' }] }));
    const value = (await first) as { words: { word: string }[] };
    const change = [
      () => value.words.push({ word: 'b' }),
      () => Object.assign(value.words[0] ?? {}, { word: 'c' }),
      () => Object.assign(value, { more: 1 }),
    ];
    for (const changes of change) expect(changes).toThrow(TypeError);
    const kept = await shelves.get(library.getIndex, { words: 1 }, fails('open'));
    expect(kept).toMatchObject({ ok: true, value: { words: [{ word: 'a' }] } });
    expect(kept.ok && [kept.value, kept.answer, kept.answer.headers].map((at) => Object.isFrozen(at))).toEqual([true, true, true]);
    expect(await read()).toBe(value);
  });

  it('is frozen for parts that read it later too', async () => {
    const shelves = new Shelves();
    await shelves.book();
    const hit = await shelves.book(fails('open'));
    const checked = hit.ok ? readOf(hit.answer, title.check) : undefined;
    expect(checked).toEqual({ ok: true, value: { title: 'Title of b-1' } });
    expect(checked?.ok && Object.isFrozen(checked.value)).toBe(true);
  });

  it('is checked and pruned once for each part that reads it', async () => {
    let checks = 0;
    const part = { ...title, check: (value: unknown) => (checks++, title.check(value)) };
    const shelves = new Shelves();
    const layer = reads();
    const read = () => layer(callOf(library.getBook, { id: 'b-1' }, shelves.request(), part), (call) => shelves.ask(call));
    const first = Promise.resolve(read());
    await Promise.resolve();
    shelves.below.lands(says(book('b-1')));
    expect(await first).toMatchObject({ value: { title: 'Title of b-1' }, from: { state: 'miss', stored: true } });
    for (let i = 0; i < 5; i++) expect(read()).toMatchObject({ value: { title: 'Title of b-1' }, from: { state: 'hit' } });
    expect(checks).toBe(1);
  });
});

describe('an answer that came as a text', () => {
  const text = '{"words":[{"word":"a"}]}';
  const came = () => received(200, { etag: '"1"' }, JSON.parse(text), new Said(text));

  it('is kept as that: what becomes of the one that is handed out first does not touch it', () => {
    const live = came();
    const { answer } = seal(live);
    Object.assign(live.value as object, { words: 'changed' });
    expect(answer.value).toEqual({ words: [{ word: 'a' }] });
  });

  it('is frozen when it is read, at any depth, and read once', () => {
    const { answer } = seal(came());
    const { value } = answer;
    expect(() => (value as { words: unknown[] }).words.push(1)).toThrow(TypeError);
    expect(answer.value).toBe(value);
    expect([Object.isFrozen(answer), Object.isFrozen(answer.headers)]).toEqual([true, true]);
  });

  it('weighs by its length until it is read, and then what it takes; that is said once', () => {
    const { answer, bytes } = seal(came());
    expect(bytes).toBe(40 + 27 + 6 * text.length);
    expect(grownTo(answer)).toBeUndefined();
    expect(answer.value).toBeDefined();
    expect([grownTo(answer), grownTo(answer)]).toEqual([40 + 27 + 40 + 40 + 40 + 25 + 2 * text.length, undefined]);
  });

  it('is the same body under other headers, read or not', () => {
    const { answer } = seal(came());
    const renewed = relabelled(answer, { etag: '"2"' });
    expect(renewed).toMatchObject({ headers: { etag: '"2"' }, value: { words: [{ word: 'a' }] } });
    expect(relabelled(renewed, { etag: '"3"' }).value).toBe(renewed.value);
  });
});

describe('the weight of an answer', () => {
  it.each<[unknown, number]>([
    [undefined, 8],
    [null, 8],
    [1.5, 8],
    ['', 24],
    ['four', 28],
    [[], 40],
    [[1, 2], 56],
    [{ a: 'four' }, 68],
  ])('of %j is %d bytes or so', (value, bytes) => {
    expect(seal({ status: 200, headers: {}, value }).bytes).toBe(40 + bytes);
  });

  it('is known of what nests deeper than any stack', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(seal({ status: 200, headers: {}, value: deep }).bytes).toBe(40 + 200_000 * 40 + 8);
  });
});
