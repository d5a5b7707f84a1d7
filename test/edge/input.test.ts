import { describe, expect, it } from '@jest/globals';
import { openLibrary } from './library.js';

const json = (body: string): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body });

describe('input that does not fit', () => {
  it('is told issue by issue, each with its place and its path', async () => {
    await using subject = await openLibrary();
    const got = await subject.gateway.get('/products/library/v1/books?year=soon&lent=maybe&shelf=a&shelf=b&shelf=c&shelf=d', {
      headers: { 'accept-language': 'x'.repeat(201) },
    });
    expect(got).toMatchObject({ status: 400, body: { code: 'invalid', type: 'urn:interline:problem:invalid', status: 400 } });
    expect(got.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(got.body).toMatchObject({
      errors: [
        { in: 'query', path: 'year', message: expect.stringContaining('expected number') },
        { in: 'query', path: 'lent', message: expect.stringContaining('expected boolean') },
        { in: 'query', path: 'shelf', message: expect.stringContaining('3') },
        { in: 'header', path: 'language', message: expect.stringContaining('200') },
      ],
    });
    expect(subject.books.calls).toEqual([]);
  });

  it('is told by path inside a body', async () => {
    await using subject = await openLibrary();
    const { status, body } = await subject.gateway.get('/products/library/v1/books', json('{"title":"","year":1.5,"tags":["a",7]}'));
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        errors: [
          { in: 'body', path: 'title' },
          { in: 'body', path: 'year' },
          { in: 'body', path: 'tags.1' },
        ],
      },
    });
  });

  it('names the known key that an unknown one is nearest to', async () => {
    await using subject = await openLibrary();
    const unknownIn = async (path: string, init?: RequestInit) => (await subject.gateway.get(path, init)).body;
    expect(await unknownIn('/v1/books/b-1?raeder=u')).toMatchObject({
      errors: [{ in: 'query', path: 'raeder', message: 'unknown query parameter (did you mean "reader"?)' }],
    });
    expect(await unknownIn('/v1/loans', json('{"bookId":"b-0001","readerId":"r-0001","day":1}'))).toMatchObject({
      errors: [{ in: 'body', path: 'day', message: 'unknown field (did you mean "days"?)' }],
    });
    expect(await unknownIn('/products/library/v1/books?utterly_different=1')).toMatchObject({
      errors: [{ in: 'query', path: 'utterly_different', message: 'unknown query parameter' }],
    });
  });

  it('of a required part is told before any product is called', async () => {
    await using subject = await openLibrary();
    expect(await subject.gateway.get('/v1/loans', json('{"bookId":"b-0001","readerId":"r-0001","days":0}'))).toMatchObject({ status: 400 });
    expect(subject.books.calls.length + subject.readers.calls.length).toBe(0);
  });
});

describe('one key, many values', () => {
  it.each([
    ['a repeated key', 'title=1&title=2'],
    ['a repeated key, once empty', 'title=&title=2'],
    ['brackets', 'title[]=1'],
    ['an indexed key', 'shelf[0]=1'],
    ['an object key', 'title[a]=1'],
    ['a dotted key', 'title.a=1'],
    ['a key of the prototype', 'title[__proto__]=1'],
    ['the prototype itself', '__proto__=1'],
    ['a constructor', 'constructor=1'],
    ['a prototype of a constructor', 'constructor[prototype]=1'],
    ['a method of every object', 'hasOwnProperty=1'],
    ['another case', 'Title=1'],
    ['a key with a NUL', 'title%00=1'],
    ['a key with a line break', 'title%0d%0a=1'],
    ['a semicolon, which separates nothing', 'title=1;year=2&year=x'],
    ['a number that JSON has not', 'year=0x7d0'],
    ['a number with a space', 'year=%201999'],
    ['infinity', 'year=Infinity'],
    ['a number too large for a double', 'year=1e999'],
    ['a boolean by number', 'lent=1'],
    ['a boolean in capitals', 'lent=TRUE'],
    ['nothing, where a number stands', 'year='],
    ['an empty key', '=1'],
  ])('refuses %s', async (_, query) => {
    await using subject = await openLibrary();
    expect(await subject.gateway.get(`/products/library/v1/books?${query}`)).toMatchObject({ status: 400, body: { code: 'invalid' } });
    expect(subject.books.calls).toEqual([]);
  });

  it.each([
    ['a list of one', 'shelf=a', { shelf: ['a'] }],
    ['a list', 'shelf=a&shelf=b', { shelf: ['a', 'b'] }],
    ['an empty text', 'title=', { title: '' }],
    ['a number in exponents', 'year=2e3', { year: 2000 }],
    ['a boolean', 'lent=false', { lent: false }],
    ['a plus as a space', 'title=a+b', { title: 'a b' }],
    ['a text that looks like a list', 'title=%5B1%5D', { title: '[1]' }],
    ['no query after its question mark', '', {}],
  ])('takes %s', async (_, query, input) => {
    await using subject = await openLibrary();
    expect(await subject.gateway.get(`/products/library/v1/books?${query}`)).toMatchObject({ status: 200 });
    // What fetch itself sends as accept-language is an input too, where the contract names that header.
    expect(subject.books.calls.map((call) => call.input)).toEqual([{ ...input, language: '*' }]);
  });
});

describe('keys that mean something to JavaScript', () => {
  it.each([
    '{"__proto__":{"x":1},"title":"t","year":1}',
    '{"title":"t","year":1,"constructor":{"prototype":{"x":1}}}',
    '{"title":"t","year":1,"notes":{"__proto__":{"x":1}}}',
    '{"title":"t","year":1,"notes":[{"constructor":{"prototype":{"x":1}}}]}',
    '{"title":"t","year":1,"notes":{"\\u005f_proto__":{"x":1}}}',
    '{"title":"t","year":1,"toString":1}',
    '{"title":"t","year":1,"constructor":1}',
  ])('are refused in a body: %s', async (body) => {
    await using subject = await openLibrary();
    expect(await subject.gateway.get('/products/library/v1/books', json(body))).toMatchObject({ status: 400, body: { code: 'invalid' } });
    expect(subject.books.calls).toEqual([]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('stand twice in a body: the last one counts, as in every JSON parser of the language', async () => {
    await using subject = await openLibrary();
    expect(await subject.gateway.get('/products/library/v1/books', json('{"title":"one","year":1,"title":"two"}'))).toMatchObject({
      status: 200,
    });
    expect(subject.books.calls).toMatchObject([{ input: { title: 'two', year: 1 } }]);
  });

  it('are not of the expected kind: an object for a text, a list for an object', async () => {
    await using subject = await openLibrary();
    for (const body of [
      '{"title":{"a":1},"year":1}',
      '[{"title":"t","year":1}]',
      '"title"',
      'null',
      '7',
      'true',
      '{"title":["t"],"year":"1"}',
    ])
      expect(await subject.gateway.get('/products/library/v1/books', json(body))).toMatchObject({ status: 400 });
    expect(subject.books.calls).toEqual([]);
  });

  it('nest deeper than any answer needs, and the process lives on', async () => {
    await using subject = await openLibrary();
    const nested = (deep: number) => `{"title":"t","year":1,"notes":${'['.repeat(deep)}${']'.repeat(deep)}}`;
    const { gateway, books } = subject;
    for (const deep of [64, 1000, 30_000])
      expect(await gateway.get('/products/library/v1/books', json(nested(deep)))).toMatchObject({ status: 400 });
    expect(books.calls).toEqual([]);
    expect(await gateway.get('/products/library/v1/books', json(nested(63)))).toMatchObject({ status: 200 });
  });
});
