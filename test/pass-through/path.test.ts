import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { pathAfter } from '../../src/pass-through/path.js';

const pieces = ['.', '..', '%2e', '%2E', '%2f', '%5c', '\\', ';', 'a', '%61', '%', '%00', '%c0%ae', '?', '#', '/'];
const target = array(constantFrom(...pieces), { maxLength: 12 }).map((parts) => `/${parts.join('')}`);

describe('the path that goes to a product', () => {
  it.each([
    ['/products/monolith/a/b?c=/d', 2, '/a/b?c=/d'],
    ['/products/monolith', 2, '/'],
    ['/%70roducts/monolith/a', 2, '/a'],
    ['http://gateway/products/monolith/a', 2, '/a'],
    ['/a//b/', 0, '/a//b/'],
    ['/a#b', 0, '/a'],
    ['/...a/b..', 0, '/...a/b..'],
    ['/a?b=../..', 0, '/a?b=../..'],
    ['/a%252e%252e/b', 0, '/a%252e%252e/b'],
  ])('of %s after %i segments is %s', (url, segments, path) => {
    expect(pathAfter(url, segments)).toBe(path);
  });

  it('never leaves the place under which it is sent, however it is decoded there', () => {
    assert(
      property(target, (url) => {
        const path = pathAfter(url, 0);
        if (path === undefined) return;
        const [segments = ''] = path.split('?');
        const normalized = new URL(`http://product/prefix${segments}`).pathname;
        const decodedFirst = new URL(`http://product/prefix${decodeURIComponent(segments).replaceAll(/[?#]/g, '')}`).pathname;
        expect([normalized, decodedFirst].every((one) => one.startsWith('/prefix'))).toBe(true);
        expect(path.startsWith('/')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
