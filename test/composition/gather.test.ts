import { expect, it } from '@jest/globals';
import { gather } from '../../src/composition/gather.js';
import { Unhandled, drained } from './stage.js';

it('collects parts, lists of parts and what was not called, under their keys', async () => {
  const never: Promise<string> | undefined = undefined;
  expect(
    await gather({
      one: Promise.resolve('a'),
      many: [Promise.resolve(1), undefined, Promise.resolve(3)],
      none: never,
      empty: [],
      missing: Promise.resolve(undefined),
    }),
  ).toEqual({ one: 'a', many: [1, undefined, 3], none: undefined, empty: [], missing: undefined });
  expect(await gather({})).toEqual({});
});

it('keeps the order of the keys and of each list, whichever comes first', async () => {
  const slow = drained().then(() => 'slow');
  const got = await gather({ z: slow, a: Promise.resolve('fast'), list: [slow, Promise.resolve('fast')] });
  expect(JSON.stringify(got)).toBe('{"z":"slow","a":"fast","list":["slow","fast"]}');
});

it('takes any key as a key', async () => {
  const got = await gather({ ['__proto__']: Promise.resolve({ polluted: true }) });
  expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
  expect(Object.entries(got)).toEqual([['__proto__', { polluted: true }]]);
});

it('rejects at once with the first rejection, and leaves no other one without a handler', async () => {
  using unhandled = new Unhandled();
  const bug = new Error('a mistake');
  const hangs = new Promise<never>(() => undefined);
  await expect(gather({ hangs, broken: Promise.reject(bug), list: [Promise.reject(new Error('another'))] })).rejects.toBe(bug);
  await drained();
  expect(unhandled.reasons).toEqual([]);
});
