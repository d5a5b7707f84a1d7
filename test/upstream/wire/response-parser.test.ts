import { describe, expect, it } from '@jest/globals';
import { KnownLines } from '../../../src/upstream/wire/known-lines.js';
import { malformedResponses } from '../transport/malformed-responses.js';
import { type Told, toldOf } from './recording.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const read = (text: string, how?: { readonly closed?: boolean; readonly bodiless?: boolean }) => toldOf([bytes(text)], how);
const head = (...lines: readonly string[]): string => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');

/** Responses in all their forms, sound ones first. */
const responses: readonly string[] = [
  `${head('content-length: 5', 'etag: "a"')}hello`,
  head('content-length: 0'),
  `${head('transfer-encoding: chunked')}5\r\nhello\r\n6;a=b;c="d e"\r\n world\r\n0\r\nx-sum: 1\r\n\r\n`,
  `${head('connection: close')}until the end`,
  `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${head('content-length: 2', 'set-cookie: a', 'set-cookie: b')}ok`,
  'HTTP/1.1 204 No Content\r\nserver: s\r\n\r\n',
  'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\nkeep-alive: timeout=5\r\ncontent-length: 1\r\n\r\n1',
  `${head('content-length: 2')}okHTTP/1.1 200 OK\r\n`,
  ...malformedResponses.map((malformed) => malformed.bytes),
];

describe('a response in pieces', () => {
  it('is what it is in one, wherever it is cut in two', () => {
    for (const text of responses) {
      const whole = read(text);
      for (let at = 0; at <= text.length; at++)
        expect({ text, at, told: toldOf([bytes(text.slice(0, at)), bytes(text.slice(at))]) }).toEqual({ text, at, told: whole });
    }
  });

  it('is what it is in one where it comes byte by byte', () => {
    for (const text of responses) expect({ text, told: toldOf(text.split('').map(bytes)) }).toEqual({ text, told: read(text) });
  });
});

describe('a response whose lines came before', () => {
  it('is read as it would be if none had', () => {
    const known = new KnownLines();
    const others = responses.flatMap((text) => [text, text.replace(/: ?/, ':  '), text.replace('\r\n\r\n', ' \r\n\r\n')]);
    for (let times = 0; times < 12; times++)
      for (const text of times % 2 === 0 ? others : others.toReversed())
        expect({ text, told: toldOf([bytes(text)], { known }) }).toEqual({
          text,
          told: toldOf([bytes(text)], { known: new KnownLines() }),
        });
  });

  it('is known by its places, until other lines have stood there for a while', () => {
    const known = new KnownLines();
    const age = (text: string): string | undefined => {
      const line = bytes(`age: ${text}\r\n`);
      return known.at(0, line, 0, line.length)?.value;
    };
    const comes = (text: string): Told => toldOf([bytes(head(`age: ${text}`, 'content-length: 0'))], { known });
    comes('1');
    expect(age('1')).toBe('1');
    for (let times = 0; times < 3; times++) comes('2');
    expect([age('1'), age('2')]).toEqual(['1', undefined]);
    for (let times = 0; times < 10; times++) comes('2');
    expect([age('1'), age('2')]).toEqual([undefined, '2']);
  });

  it('is not known where its lines are long or many', () => {
    const known = new KnownLines();
    const long = bytes(`x: ${'1'.repeat(300)}\r\n`);
    const [told] = [0, 1].map(() => toldOf([bytes(head(long.toString('latin1').trim(), 'content-length: 0'))], { known }));
    expect([told?.end, known.at(0, long, 0, long.length)]).toEqual(['whole', undefined]);
    const many = Array.from({ length: 40 }, (_, nth) => `x-${nth}: 1`);
    for (let times = 0; times < 2; times++) expect(toldOf([bytes(head(...many, 'content-length: 0'))], { known }).end).toBe('whole');
    const last = bytes('x-39: 1\r\n');
    expect(known.at(39, last, 0, last.length)).toBeUndefined();
  });
});

describe('a response', () => {
  it('ends where its length says, its last chunk, its head, or its connection', () => {
    expect(read(`${head('content-length: 5')}hello`)).toMatchObject({ body: 'hello', end: 'whole', keeps: true });
    expect(read(`${head('transfer-encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`)).toMatchObject({
      body: 'hello',
      end: 'whole',
      keeps: true,
    });
    expect(read('HTTP/1.1 304 Not Modified\r\n\r\n')).toMatchObject({ status: 304, end: 'whole', keeps: true });
    expect(read(`${head()}hello`)).toMatchObject({ body: 'hello', end: 'whole', keeps: false });
    expect(read(`${head()}hello`, { closed: false })).toMatchObject({ end: 'partial' });
  });

  it('has no body where it answers HEAD, and its connection is not kept', () => {
    expect(read(head('content-length: 5'), { bodiless: true })).toMatchObject({ body: '', end: 'whole', keeps: false });
  });

  it('ends before what comes after it', () => {
    expect(read(`${head('content-length: 2')}ok!`)).toMatchObject({ body: 'ok', end: 'surplus' });
    expect(read(`${head('transfer-encoding: chunked')}0\r\n\r\n\r\n`)).toMatchObject({ end: 'surplus' });
  });

  it.each([
    ['HTTP/1.1 that says nothing', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', true],
    ['HTTP/1.1 that closes', 'HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.1 that says both', 'HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.0 that says nothing', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.0 that keeps', 'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 0\r\n\r\n', true],
    ['HTTP/1.0 in chunks', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', false],
    ['a 204 that announces a body', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n', false],
  ])('says whether its connection is kept: %s', (_, text, keeps) => {
    expect(read(text)).toMatchObject({ end: 'whole', keeps });
  });

  it('gives its headers by lower-case name, blanks around values left out, repeated ones as a list', () => {
    const { headers } = read(head('ETag: \t "a b" \t', 'Empty:', 'Set-Cookie: a', 'set-cookie: b', 'SET-COOKIE: c', 'x-l: \u00e9'));
    expect(headers).toEqual({ etag: '"a b"', empty: '', 'set-cookie': ['a', 'b', 'c'], 'x-l': '\u00e9' });
  });

  it('takes no name for another that looks like it', () => {
    const names = ['Etag', 'ETAGS', 'eta', 'e\u0074a\u0047', 'content_length', 'content-lengt', 'Content-Lengths', 'dat', 'agE'];
    expect(Object.keys(read(head(...names.map((name) => `${name}: 1`), 'content-length: 0')).headers)).toEqual([
      ...new Set([...names.map((name) => name.toLowerCase()), 'content-length']),
    ]);
    for (const name of ['content-lengt^', 'conten~-length', 'ag%', 'e4ag'])
      expect(read(head(`${name}: 7`)).headers).toEqual({ [name]: '7' });
  });

  it('has no header that was not sent, whatever objects have by themselves', () => {
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
    const { headers } = read(head('content-length: 0'));
    expect(names.map((name) => headers[name])).toEqual(names.map(() => undefined));
    const sent = read(head(...names.map((name) => `${name}: 1`), ...names.map((name) => `${name}: 2`))).headers;
    expect(names.map((name) => sent[name.toLowerCase()])).toEqual(names.map(() => ['1', '2']));
    expect(Object.hasOwn(Object.prototype, '1')).toBe(false);
  });
});

describe('a response that could be read in two ways', () => {
  it.each([
    ['a length with blanks inside', head('content-length: 1 2')],
    ['a length with a tab after it', `${head('content-length: 5\t')}hello`],
    ['a length with a blank after it', `${head('content-length: 5 ')}hello`],
    ['a coding whose name is missing', `${head('transfer-encoding: chunked,')}0\r\n\r\n`],
    ['a coding without any name', `${head('transfer-encoding:')}0\r\n\r\n`],
    ['a trailer that frames it', `${head('transfer-encoding: chunked')}0\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['a chunk size of 13 digits', `${head('transfer-encoding: chunked')}0000000000005\r\nhello\r\n0\r\n\r\n`],
    ['an extension without a name', `${head('transfer-encoding: chunked')}5;\r\nhello\r\n0\r\n\r\n`],
    ['an extension of 300 bytes', `${head('transfer-encoding: chunked')}5;${'a'.repeat(300)}\r\nhello\r\n0\r\n\r\n`],
    ['an interim response that ends its connection', `HTTP/1.0 103 Early Hints\r\n\r\n${head('content-length: 0')}`],
    ['40 interim responses', `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(40)}${head('content-length: 0')}`],
  ])('is refused: %s', (_, text) => {
    expect(read(text, { closed: false }).end).toBe('ERR_WIRE_BROKEN');
  });

  it('has no chunks where another coding was applied last, one that only looks like it among them', () => {
    for (const coding of ['chunked, gzip', 'xchunked', 'chunked\u00a0', '\u00a0chunked', 'chunked;q=1'])
      expect({ coding, told: read(`${head(`transfer-encoding: ${coding}`)}0\r\n\r\n`) }).toMatchObject({
        coding,
        told: { body: '0\r\n\r\n', keeps: false },
      });
  });

  it('has no more than 16 KiB of headers, and as many again of trailers', () => {
    const lines = 'x-big: 0123456789\r\n';
    const many = (count: number): string => lines.repeat(count);
    const room = 16 * 1024;
    for (const [count, end] of [
      [Math.floor(room / lines.length) - 4, 'whole'],
      [Math.ceil(room / lines.length), 'ERR_WIRE_HEAD_TOO_LARGE'],
    ] as const) {
      expect(read(`HTTP/1.1 200 OK\r\n${many(count)}content-length: 0\r\n\r\n`).end).toBe(end);
      expect(read(`${head('transfer-encoding: chunked')}0\r\n${many(count)}\r\n`).end).toBe(end);
    }
  });
});
