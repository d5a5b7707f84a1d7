import { describe, expect, it } from '@jest/globals';
import { fieldsOf, refusesSegment, shapeOf } from '#contracts/kernel/index.js';
import { segments } from '#contracts/kernel/template.js';
import { complaint } from './complaint.js';

describe('a path template', () => {
  it('is made of text and fields', () => {
    expect(segments('/v1/users/{userId}/orders.json')).toEqual([
      { text: 'v1' },
      { text: 'users' },
      { field: 'userId' },
      { text: 'orders.json' },
    ]);
    expect(fieldsOf('/a/{x}/{y1}')).toEqual(['x', 'y1']);
  });

  it('has the shape of every template that would answer to the same paths', () => {
    expect(shapeOf('/users/{id}')).toBe(shapeOf('/users/{userId}'));
    expect(shapeOf('/users/{id}')).not.toBe(shapeOf('/users/me'));
    expect(shapeOf('/users/{id}')).not.toBe(shapeOf('/users/{id}/orders'));
    expect(shapeOf('/users/{id}/orders')).toBe('users/{}/orders');
    expect(shapeOf('/ab/c')).not.toBe(shapeOf('/a/bc'));
  });

  it.each(['users', '', 'https://host/x'])('begins with a slash: "%s" is refused', (path) => {
    expect(complaint(() => segments(path))).toBe(`path "${path}": expected it to begin with "/"`);
  });

  it.each([
    '/',
    '/users/',
    '//users',
    '/users//x',
    '/.',
    '/users/..',
    '/x{id}',
    '/{id}.json',
    '/{}',
    '/{1d}',
    '/{i-d}',
    '/{a}{b}',
    '/a b',
    '/%61',
    '/a?b',
    '/a#b',
    '/a;b',
    '/a:b',
    '/ä',
    '/a\\b',
  ])('has nothing but plain text or one whole field between slashes: "%s" is refused', (path) => {
    expect(complaint(() => segments(path))).toMatch(/^path ".*": expected plain text or one \{field\} between slashes, got ".*"$/);
  });
});

describe('a value in a path', () => {
  it.each(['u-0001', 'ä', '日本', '🛫', 'a b', 'a?b', 'a#b', 'a;b', 'a&b=c', '...', '.x', 'x.', '%', '100%', '%zz', '~', "'", '"', '<x>'])(
    'may be "%s"',
    (value) => {
      expect(refusesSegment(value)).toBeUndefined();
    },
  );

  it.each([
    ['', 'expected a value, got an empty one'],
    ['.', 'expected a value, got a dot segment'],
    ['..', 'expected a value, got a dot segment'],
    ['a/b', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['a\\b', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['a\u0000', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['a\r\nb', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['a\tb', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['a\u007f', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['a\u0085', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['%2e%2e', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['%2E', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['a%2fb', 'expected no slash, backslash, control character or percent-encoded byte'],
    ['\ud800', 'expected well-formed Unicode'],
  ])('may not be %j', (value, why) => {
    expect(refusesSegment(value)).toBe(why);
  });
});
