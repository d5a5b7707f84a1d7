import { describe, expect, it } from '@jest/globals';
import { selects, varyOf } from '../../src/cache/vary.js';

describe('Vary', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['a', ['a']],
    ['B, a', ['a', 'b']],
    ['a,,a , A', ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['*', '*'],
    ['a, *', '*'],
    ['*, a', '*'],
    [['a', '*'], '*'],
    ['a b', '*'],
    ['a;b', '*'],
    ['"a"', '*'],
  ])('of %j is %j', (vary, names) => {
    expect(varyOf({ vary })).toEqual(names);
  });
});

describe('a stored response', () => {
  it.each([
    ['nothing varies', [], { a: '1' }, { a: '2' }, true],
    ['the same', ['a'], { a: '1' }, { a: '1' }, true],
    ['another', ['a'], { a: '1' }, { a: '2' }, false],
    ['neither has it', ['a'], {}, {}, true],
    ['one has it', ['a'], {}, { a: '' }, false],
    ['other white space', ['a'], { a: '1,2' }, { a: ' 1 ,  2' }, true],
    ['two fields for one', ['a'], { a: ['1', '2'] }, { a: '1, 2' }, true],
    ['another order', ['a'], { a: '1, 2' }, { a: '2, 1' }, false],
    ['another case', ['a'], { a: 'en' }, { a: 'EN' }, false],
    ['one of two differs', ['a', 'b'], { a: '1', b: '1' }, { a: '1', b: '2' }, false],
  ])('is or is not the one for a request: %s', (_, vary, stored, presented, same) => {
    expect(selects(vary, stored, presented)).toBe(same);
  });

  it('is for nobody where nobody can tell', () => {
    expect(selects('*', {}, {})).toBe(false);
  });
});
