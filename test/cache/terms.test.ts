import { describe, expect, it } from '@jest/globals';
import { type Terms, type Unstorable, termsOf, updated, validatorsOf } from '../../src/cache/terms.js';
import type { Headers } from '../../src/upstream/answer.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toUTCString();
const terms = (headers: Headers, tookMs = 0, status = 200): Terms => termsOf({ status, headers }, { date: NOW, tookMs });
const cc = (text: string): Terms => terms({ 'cache-control': text });

describe('whether a response may be stored', () => {
  it.each<[string, Unstorable | undefined]>([
    // as the RFC writes it
    ['no-store', 'no-store'],
    ['private', 'private'],
    ['max-age=60', undefined],
    ['public', undefined],
    ['max-age=60, private', 'private'],
    ['max-age=60,no-store', 'no-store'],
    ['no-cache', 'no-cache'],
    ['must-revalidate', undefined],
    ['', undefined],
    [',, ,max-age=60,,', undefined],
    // the strictest of what contradicts itself
    ['public, no-store', 'no-store'],
    ['public, private', 'private'],
    ['s-maxage=60, private', 'private'],
    ['private, no-store', 'no-store'],
    // in odd spellings
    ['No-Store', 'no-store'],
    ['NO-STORE', 'no-store'],
    ['no_store', 'no-store'],
    ['nostore', 'no-store'],
    ['NoStore', 'no-store'],
    ['no.store', 'no-store'],
    ['PRIVATE', 'private'],
    ['Private', 'private'],
    ['pri-vate', 'private'],
    ['nocache', 'no-cache'],
    ['No_Cache', 'no-cache'],
    ['\tno-store\t', 'no-store'],
    ['max-age=60 ,  no-store', 'no-store'],
    // with an argument that narrows it, or none at all
    ['private="x-more"', 'private'],
    ['private=""', 'private'],
    ['private=x', 'private'],
    ['no-store="x"', 'no-store'],
    ['no-store=0', 'no-store'],
    ['no-cache="set-cookie"', 'no-cache'],
    ['no-cache=""', 'no-cache'],
    ['no-cache=x', 'no-cache'],
    // in quotes it is not said
    ['ext="no-store"', undefined],
    ['ext="a, private, b"', undefined],
    ['ext="a \\" private"', undefined],
    ['max-age="60"', undefined],
    // what can't be read is read as no-store
    ['no store', 'malformed'],
    ['max-age=60; no-store', 'malformed'],
    ['max-age=60 private', 'malformed'],
    ['max-age=60, "', 'malformed'],
    ['ext="a', 'malformed'],
    ['"no-store"', 'malformed'],
    ['=no-store', 'malformed'],
    ['max-age=', 'malformed'],
    ['max-age =60', 'malformed'],
    ['max-age= 60', 'malformed'],
    ['max-age=60, @', 'malformed'],
    ['no-store\u00a0', 'malformed'],
    ['{max-age=60}', 'malformed'],
    ['max-age=60, priv\u00e4te', 'malformed'],
    ['private[]', 'malformed'],
    ['max-age=6"0"', 'malformed'],
    ['max-age="60"x', 'malformed'],
  ])('Cache-Control: %j', (text, why) => {
    expect(cc(text).unstorable).toBe(why);
  });

  it.each<[string, Headers, Unstorable | undefined]>([
    ['two fields are one list', { 'cache-control': ['max-age=60', 'private'] }, 'private'],
    ['a quote that is open at the end of a field', { 'cache-control': ['ext="a', 'b"'] }, undefined],
    ['a cookie', { 'set-cookie': ['a=b'] }, 'set-cookie'],
    ['a cookie of an empty value', { 'set-cookie': '' }, 'set-cookie'],
    ['a cookie of the second kind', { 'set-cookie2': 'a=b' }, 'set-cookie'],
    ['a cookie, though public', { 'cache-control': 'public, s-maxage=60', 'set-cookie': 'a=b' }, 'set-cookie'],
    ['no-cache with a validator', { 'cache-control': 'no-cache', etag: '"1"' }, undefined],
    ['no-cache with a broken validator', { 'cache-control': 'no-cache', etag: '1' }, 'no-cache'],
    ['Pragma where nothing else speaks', { pragma: 'no-cache' }, 'no-cache'],
    ['Pragma in capitals', { pragma: 'No-Cache' }, 'no-cache'],
    ['Pragma beside Cache-Control', { pragma: 'no-cache', 'cache-control': 'max-age=60' }, undefined],
    ['another Pragma', { pragma: 'x' }, undefined],
    ['Vary: *', { vary: '*' }, 'vary'],
    ['Vary: foo, *', { vary: 'foo, *' }, 'vary'],
    ['* in a second field', { vary: ['foo', '*'] }, 'vary'],
    ['a broken Vary', { vary: 'foo bar' }, 'vary'],
    ['Vary: foo', { vary: 'foo' }, undefined],
  ])('%s', (_, headers, why) => {
    expect(terms(headers).unstorable).toBe(why);
  });

  it.each([
    [100, 'status'],
    [199, 'status'],
    [200, undefined],
    [204, undefined],
    [206, 'status'],
    [304, 'status'],
    [404, undefined],
  ])('status %d', (status, why) => {
    expect(terms({}, 0, status).unstorable).toBe(why);
  });

  it.each([
    ['max-age=60', false],
    ['private', false],
    ['public', true],
    ['must-revalidate', true],
    ['s-maxage=1', true],
    ['proxy-revalidate', false],
    ['pub_lic', false],
  ])('where its caller was authorized: %s', (text, may) => {
    expect(cc(text).despiteAuthorization).toBe(may);
  });
});

describe('how long a response says that it is fresh', () => {
  it.each<[string, number | undefined]>([
    ['', undefined],
    ['public', undefined],
    ['max-age=60', 60],
    ['MAX-AGE=60', 60],
    ['max-age="60"', 60],
    ['max-age=0060', 60],
    ['max-age=0', 0],
    ['max-age=60, max-age=5', 5],
    ['max-age=5, max-age=60', 5],
    ['max-age=60, s-maxage=5', 5],
    ['s-maxage=60, max-age=5', 60],
    ['max-age=99999999999', 2 ** 31],
    ['max-age=2147483648', 2 ** 31],
    ['max-age', 0],
    ['max-age=-1', 0],
    ['max-age=1.5', 0],
    ['max-age=1e3', 0],
    ['max-age=60s', 0],
    ["max-age='60'", 0],
    ['max-age=0x10', 0],
    ['max-age=""', 0],
    ['max-age=60, max-age=x', 0],
    ['max_age=60', undefined],
    ['s-maxage=x, max-age=60', 0],
    ['ext="max-age=60"', undefined],
  ])('Cache-Control: %j', (text, seconds) => {
    expect(cc(text).lifetimeMs).toBe(seconds === undefined ? undefined : seconds * 1000);
  });

  it.each<[string, Headers, number | undefined]>([
    ['Expires by Date', { expires: at(60), date: at(0) }, 60],
    ['Expires by a Date that is off', { expires: at(660), date: at(600) }, 60],
    ['Expires without Date', { expires: at(60) }, 60],
    ['Expires by a broken Date', { expires: at(60), date: 'today' }, 60],
    ['Expires by two Dates', { expires: at(60), date: [at(0), at(50)] }, 60],
    ['Expires in the past', { expires: at(-60) }, 0],
    ['Expires: 0', { expires: '0' }, 0],
    ['Expires: -1', { expires: '-1' }, 0],
    ['Expires twice', { expires: [at(60), at(60)] }, 0],
    ['Expires in another zone', { expires: at(60).replace('GMT', 'CET') }, 0],
    ['Expires in lower case', { expires: at(60).toLowerCase() }, 0],
    ['Expires beside max-age', { expires: at(60), 'cache-control': 'max-age=5' }, 5],
    ['Expires beside an unreadable max-age', { expires: at(60), 'cache-control': 'max-age=x' }, 0],
    ['Expires beside other directives', { expires: at(60), 'cache-control': 'public' }, 60],
    ['an unreadable Age', { age: 'x', 'cache-control': 'max-age=60' }, 0],
    ['an unreadable Age alone', { age: '-1' }, 0],
  ])('%s', (_, headers, seconds) => {
    expect(terms(headers).lifetimeMs).toBe(seconds === undefined ? undefined : seconds * 1000);
  });
});

describe('a field for caches like this one', () => {
  const both = (targeted: string, all = 'no-store'): Terms =>
    terms({ 'cdn-cache-control': targeted, 'cache-control': all, expires: at(60) });

  it.each<[string, Partial<Terms>]>([
    ['max-age=10', { unstorable: undefined, lifetimeMs: 10_000 }],
    ['max-age=10, must-revalidate', { unstorable: undefined, lifetimeMs: 10_000, staleMs: 0, staleIfErrorMs: 0 }],
    ['max-age=10;x=1, stale-if-error=5', { lifetimeMs: 10_000, staleIfErrorMs: 5_000 }],
    ['max-age=10,public', { lifetimeMs: 10_000, despiteAuthorization: true }],
    ['max-age=-1', { unstorable: undefined, lifetimeMs: 0 }],
    ['max-age=60, max-age=10', { lifetimeMs: 10_000 }],
    ['private', { unstorable: 'private' }],
    ['private="x"', { unstorable: 'private' }],
    ['no-store', { unstorable: 'no-store' }],
    ['no-store=?1', { unstorable: 'no-store' }],
    ['public, no-store=?0', { unstorable: undefined, lifetimeMs: undefined }],
    ['a=(1 "b" c;d=1), max-age=10', { lifetimeMs: 10_000 }],
    ['a=:aGk=:, b=1.5, c=t/o:k', { unstorable: undefined, lifetimeMs: undefined }],
  ])('takes the place of all others: %s', (field, expected) => {
    expect(both(field)).toMatchObject(expected);
  });

  it.each([
    '',
    '  ',
    'MAX-AGE=10',
    'max-age=10,',
    'max-age=10, &&&',
    'max-age="10"',
    'max-age=10.5',
    'max-age',
    'max-age=10 public',
    'max-age= 10',
    'a="b',
    'a=(1',
    'max-age=1234567890123456',
    'a="\u00e4"',
    'stale-if-error=x',
    's-maxage=?1',
  ])('counts as absent where it is none: %j', (field) => {
    expect(both(field)).toMatchObject({ unstorable: 'no-store' });
    expect(both(field, 'max-age=7').lifetimeMs).toBe(7_000);
  });

  it('is read in no time, however it is written', () => {
    for (const field of [
      `a=(${'1 '.repeat(8_000)}`,
      `${'a;'.repeat(8_000)}=`,
      'a'.repeat(16_000),
      `a="${'\\'.repeat(16_000)}`,
      '('.repeat(16_000),
    ])
      expect(both(field).unstorable).toBe(field === 'a'.repeat(16_000) ? undefined : 'no-store');
  });
});

describe('how old a response is when it comes', () => {
  it.each<[string, Headers, number, number]>([
    ['nothing is said', {}, 0, 0],
    ['the exchange took its time', {}, 250, 250],
    ['Age', { age: '100' }, 0, 100_000],
    ['Age, and the exchange took its time', { age: '100' }, 250, 100_250],
    ['Date', { date: at(-30) }, 0, 30_000],
    ['Date, older than Age', { date: at(-30), age: '10' }, 0, 30_000],
    ['Date, younger than Age', { date: at(-30), age: '40' }, 0, 40_000],
    ['Date in the future', { date: at(30) }, 0, 0],
    ['a broken Date', { date: 'x' }, 0, 0],
    ['several values of Age: the first', { age: '7, 9' }, 0, 7_000],
    ['several fields of Age: the first', { age: ['7', '9'] }, 0, 7_000],
    ['Age with spaces', { age: ' 7 ' }, 0, 7_000],
    ['Age without end', { age: '9'.repeat(30) }, 0, 2 ** 31 * 1000],
  ])('%s', (_, headers, tookMs, ageMs) => {
    expect(terms(headers, tookMs)).toMatchObject({ ageMs, lifetimeMs: undefined });
  });

  it.each(['', 'x', '-1', '1.5', '1e3', '"7"', '7s', '+7', '0x7', ', 7', 'NaN'])('an Age of %j makes it stale', (age) => {
    expect(terms({ age, 'cache-control': 'max-age=60' })).toMatchObject({ lifetimeMs: 0, ageMs: 0, unstorable: undefined });
  });
});

describe('how long a response may be used after it went stale', () => {
  it.each<[string, number | undefined, number | undefined]>([
    // while it is refreshed, in place of an error
    ['', undefined, undefined],
    ['max-age=60', undefined, undefined],
    ['max-age=0', 0, undefined],
    ['max-age=60, stale-while-revalidate=5', 5, undefined],
    ['max-age=60, stale-if-error=5', undefined, 5],
    ['max-age=0, stale-while-revalidate=5', 5, undefined],
    ['s-maxage=60', 0, 0],
    ['s-maxage=60, stale-while-revalidate=5', 5, 0],
    ['s-maxage=60, stale-if-error=5', 0, 5],
    ['must-revalidate, stale-while-revalidate=5, stale-if-error=5', 0, 0],
    ['Must_Revalidate, stale-if-error=5', 0, 0],
    ['proxy-revalidate, stale-while-revalidate=5, stale-if-error=5', 0, 0],
    ['no-cache, stale-while-revalidate=5, stale-if-error=5', 0, 0],
    ['stale-while-revalidate=x, stale-if-error', 0, 0],
  ])('Cache-Control: %j', (text, stale, spare) => {
    const { staleMs, staleIfErrorMs } = cc(text);
    expect([staleMs, staleIfErrorMs]).toEqual([stale, spare].map((seconds) => (seconds === undefined ? undefined : seconds * 1000)));
  });

  it('has no-cache ask before each use', () => {
    expect([cc('no-cache').validateAlways, cc('max-age=0').validateAlways]).toEqual([true, false]);
  });
});

describe('validators', () => {
  it.each<[Headers, Readonly<Record<string, string>> | undefined]>([
    [{}, undefined],
    [{ etag: '"1"' }, { 'if-none-match': '"1"' }],
    [{ etag: 'W/"1"' }, { 'if-none-match': 'W/"1"' }],
    [{ etag: '""' }, { 'if-none-match': '""' }],
    [{ etag: 'w/"1"' }, undefined],
    [{ etag: '"1' }, undefined],
    [{ etag: '*' }, undefined],
    [{ etag: '"a b"' }, undefined],
    [{ etag: '"a"b"' }, undefined],
    [{ etag: ['"1"', '"2"'] }, undefined],
    [{ 'last-modified': at(-60) }, { 'if-modified-since': at(-60) }],
    [{ 'last-modified': 'yesterday' }, undefined],
    [
      { etag: '"1"', 'last-modified': at(-60) },
      { 'if-none-match': '"1"', 'if-modified-since': at(-60) },
    ],
  ])('of %j ask %j', (headers, asked) => {
    expect(validatorsOf(headers)).toEqual(asked);
  });
});

describe('a 304', () => {
  const stored = { 'x-a': '1', 'x-b': '1', 'content-length': '10', 'content-encoding': 'gzip', age: '5', date: at(-60) };

  it('replaces what it says and leaves the rest', () => {
    expect(updated(stored, { 'x-b': '2', 'x-c': '3', age: '7', date: at(0) })).toEqual({
      ...stored,
      'x-b': '2',
      'x-c': '3',
      age: '7',
      date: at(0),
    });
  });

  it('says the age anew, also by saying nothing', () => {
    expect(updated(stored, {})).toEqual({ 'x-a': '1', 'x-b': '1', 'content-length': '10', 'content-encoding': 'gzip' });
  });

  it('changes nothing of the stored bytes, nor of their connection', () => {
    const odd = {
      'content-length': '0',
      'content-encoding': 'br',
      'content-range': 'x',
      'transfer-encoding': 'chunked',
      'keep-alive': 'a',
      'proxy-authenticate': 'a',
      'proxy-authentication-info': 'a',
      'proxy-authorization': 'a',
      'proxy-connection': 'a',
      te: 'b',
      trailer: 'c',
      upgrade: 'd',
    };
    const { age: _, date: __, ...left } = stored;
    expect(updated(stored, { ...odd, connection: 'close, X-A', 'x-a': '2' })).toEqual(left);
  });
});
