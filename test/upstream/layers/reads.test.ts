import { describe, expect, it } from '@jest/globals';
import type { AnyPart } from '#contracts/kernel/index.js';
import { type Answer, answered } from '../../../src/upstream/answer.js';
import { reads } from '../../../src/upstream/reads.js';
import { Below, answering, callOf, fails, ok, request, shop, throwing } from './calls.js';

const item = { id: 'i-1', title: 'Headset', price: 349, colour: 'black' };
const title = shop.getItem.reads({ title: true });
const price = shop.getItem.reads({ price: true });
const get = (part?: AnyPart) => callOf(shop.getItem, { id: 'i-1' }, request(), part);

/** A part that says how often its check ran. */
function counted(part: AnyPart): { readonly part: AnyPart; readonly checks: () => number } {
  let checks = 0;
  const check: AnyPart['check'] = (value) => {
    checks++;
    return part.check(value);
  };
  return { part: { ...part, check }, checks: () => checks };
}

describe('reads', () => {
  it('prunes an answer to what the part reads, at once where it came at once', () => {
    const answer: Answer = { status: 200, headers: { age: '3' }, value: item };
    expect(
      reads()(
        get(title),
        answering(() => answered(answer)),
      ),
    ).toEqual({ ok: true, value: { title: 'Headset' }, answer });
  });

  it('prunes an answer that comes later', async () => {
    const below = new Below();
    const outcome = reads()(get(price), below.next);
    below.lands(ok(item));
    expect(await outcome).toMatchObject({ ok: true, value: { price: 349 } });
  });

  it('leaves the shared answer whole, so that one part`s pruning never reaches another', () => {
    const answer = { status: 200, headers: {}, value: item };
    const layer = reads();
    const read = (part?: AnyPart) =>
      layer(
        get(part),
        answering(() => answered(answer)),
      );
    expect([read(title), read(price), read(title), read()]).toMatchObject([
      { value: { title: 'Headset' } },
      { value: { price: 349 } },
      { value: { title: 'Headset' } },
      { value: item },
    ]);
    expect(answer.value).toEqual(item);
  });

  it('works out once what a part reads of one answer, and anew for the next answer', () => {
    const layer = reads();
    const { part, checks } = counted(title);
    const answer = { status: 200, headers: {}, value: item };
    for (let i = 0; i < 3; i++)
      void layer(
        get(part),
        answering(() => answered(answer)),
      );
    expect(checks()).toBe(1);
    void layer(
      get(part),
      answering(() => answered({ ...answer })),
    );
    expect(checks()).toBe(2);
  });

  it('makes a broken field that is read a failure that names it, and lets one that nobody reads be wrong', () => {
    const broken = answering(() => ok({ ...item, price: '349' }));
    expect(reads()(get(title), broken)).toMatchObject({ ok: true, value: { title: 'Headset' } });
    expect(reads()(get(price), broken)).toMatchObject({
      ok: false,
      failure: {
        kind: 'contract',
        product: 'shop',
        version: 1,
        operation: 'getItem',
        fields: ['price'],
        status: 200,
        message: expect.stringMatching(/^shop v1 getItem broke its contract at price: /),
      },
    });
  });

  it('passes on a failure and what no part reads, as they are', () => {
    const failure = fails('timeout');
    const whole = ok(item);
    expect(
      reads()(
        get(title),
        answering(() => failure),
      ),
    ).toBe(failure);
    expect(
      reads()(
        get(),
        answering(() => whole),
      ),
    ).toBe(whole);
  });

  it('lets a bug through untouched, one of the check included', async () => {
    const bug = new Error('a mistake');
    const below = new Below();
    expect(() => reads()(get(title), throwing(bug))).toThrow(bug);
    const outcome = reads()(get(title), below.next);
    below.crashes(bug);
    await expect(outcome).rejects.toBe(bug);
    const check = (): never => {
      throw bug;
    };
    expect(() =>
      reads()(
        get({ ...title, check }),
        answering(() => ok(item)),
      ),
    ).toThrow(bug);
  });
});
