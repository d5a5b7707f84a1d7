import { describe, expect, it } from '@jest/globals';
import { type Passage, passageOf, timesThrough } from '../../src/edge/hops.js';
import { openLibrary } from './library.js';

const times = (count: number, name = 'interline'): string => Array<string>(count).fill(name).join(', ');
const direct: Passage = { via: '1.1 interline', 'cdn-loop': 'interline' };

describe('how often a request came through here', () => {
  it.each([
    ['', 0],
    ['interline', 1],
    ['Interline, INTERLINE', 2],
    ['other, interline ,\tinterline', 2],
    ['interline; v=2; q="x", interline;v=1', 2],
    ['interline.example.org, my-interline, interlines, "interline"', 0],
    [times(30), 30],
  ])('is read from CDN-Loop: %j', (loop, expected) => {
    expect(timesThrough({ 'cdn-loop': loop })).toBe(expected);
  });

  it('is never where nothing is said', () => {
    expect(timesThrough({})).toBe(0);
  });
});

describe('what products are told of a request’s way', () => {
  it('is our name, where the caller said nothing', () => {
    expect(passageOf({})).toEqual(direct);
  });

  it('is what the caller said, with our name at its end', () => {
    expect(passageOf({ via: '1.0 fred, 1.1 p.example.net (proxy)', 'cdn-loop': 'other; v=1, interline' })).toEqual({
      via: '1.0 fred, 1.1 p.example.net, 1.1 interline',
      'cdn-loop': 'other; v=1, interline, interline',
    });
  });

  it.each(['', 'x'.repeat(1025), 'caf\u00e9', 'a\u007f', 'two words', '<b>', '1.1 a b', 'a; b', ',', '1.1 fred,'])(
    'is not what is no list of that kind: %j',
    (text) => {
      expect(passageOf({ via: text, 'cdn-loop': text })).toEqual(direct);
    },
  );

  it('keeps our own names of a text that it does not pass on', () => {
    expect(passageOf({ 'cdn-loop': `interline, ${'x'.repeat(1025)}, interline` })['cdn-loop']).toBe(times(3));
  });
});

describe('a request that goes round in a circle', () => {
  it('is answered while it has come through here four times before, and refused with 508 after that, before any product is called', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    for (const path of ['/v1/books/b-1', '/products/library/v1/books/b-1']) {
      books.calls.length = 0;
      expect(await gateway.get(path, { headers: { 'cdn-loop': times(4) } })).toMatchObject({ status: 200 });
      expect(books.calls).toMatchObject([{ headers: { via: '1.1 interline', 'cdn-loop': times(5) } }]);
      const refused = await gateway.get(path, { headers: { 'cdn-loop': times(5) } });
      expect(refused).toMatchObject({ status: 508, body: { code: 'loop', status: 508 } });
      expect(books.calls).toHaveLength(1);
    }
    expect(await gateway.metric('interline_responses_total', { category: 'failure_caller_loop' })).toBe(2);
  });

  it('ends by itself where a product passes on what it was told', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { hops: 2 }' });
    const { gateway, books } = subject;
    const statuses: number[] = [];
    books.raw((request, response) => {
      const loop = String(request.headers['cdn-loop']);
      void gateway.get(`/products/library/v1/books/b-${loop.length}`, { headers: { 'cdn-loop': loop } }).then(({ status }) => {
        statuses.push(status);
        response.writeHead(500).end();
      });
    });
    expect(await gateway.get('/products/library/v1/books/b-1')).toMatchObject({ status: 502 });
    expect(statuses).toEqual([508, 502, 502]);
    expect(books.calls.map(({ headers }) => headers['cdn-loop'])).toEqual([times(1), times(2), times(3)]);
  });

  it('may be forbidden altogether', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { hops: 0 }' });
    expect(await subject.gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
    expect(await subject.gateway.get('/v1/books/b-1', { headers: { 'cdn-loop': 'other' } })).toMatchObject({ status: 200 });
    expect(await subject.gateway.get('/v1/books/b-1', { headers: { 'cdn-loop': 'interline' } })).toMatchObject({ status: 508 });
  });
});
