import { describe, expect, it, jest } from '@jest/globals';
import { lately } from '../src/lately.js';

describe('what was made lately', () => {
  it('is made once for one argument in a row, and anew for another one, whatever that is', () => {
    const make = jest.fn((argument: string | undefined) => `made of ${argument}`);
    const made = lately(make);
    expect([undefined, undefined, 'a', 'a', 'b', 'a'].map((argument) => made(argument))).toEqual(
      ['undefined', 'undefined', 'a', 'a', 'b', 'a'].map((argument) => `made of ${argument}`),
    );
    expect(make.mock.calls.flat()).toEqual([undefined, 'a', 'b', 'a']);
  });
});
