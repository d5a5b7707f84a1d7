import { describe, expect, it } from '@jest/globals';
import { listed, nameOf, plural, singular } from '../../scripts/scaffold/name.ts';

describe('a name', () => {
  it('is written as each place wants it', () => {
    expect(nameOf('flight-school-2', 'product')).toEqual({
      kebab: 'flight-school-2',
      camel: 'flightSchool2',
      pascal: 'FlightSchool2',
      snake: 'flight_school_2',
      words: 'flight school 2',
    });
  });

  it.each(['lesson', 'category', 'day', 'box', 'branch', 'training-plan', 'class'])('is one of many and many of one: %s', (one) => {
    const many = plural(nameOf(one, 'entity')).kebab;
    expect(many).not.toBe(one);
    expect(singular(many)).toBe(one);
  });

  it.each(['me', 'address', 'stock'])('stays where it is no plural: %s', (word) => {
    expect(singular(word)).toBe(word);
  });
});

it('lists each word once', () => {
  expect([['a'], ['a', 'b'], ['a', 'b', 'a', 'c']].map(listed)).toEqual(['a', 'a and b', 'a, b and c']);
});
