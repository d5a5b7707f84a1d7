import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Incoming, type InputIssue, type Outgoing, fieldsOf, readInput, refusesSegment, writer } from '#contracts/kernel/index.js';
import { segments } from '#contracts/kernel/template.js';
import { wire } from '#contracts/kernel/wire.js';
import * as fc from 'fast-check';
import { z } from 'zod';

const path = '/v1/users/{id}/orders/{orderId}/lines';
const Input = z.object({
  id: z.string(),
  orderId: z.string(),
  q: z.string().optional(),
  ids: z.array(z.string()).min(1).optional(),
  least: z.number().optional(),
  open: z.boolean().optional(),
  language: z.string().optional(),
});
const get = wire('get', path, Input, { language: 'accept-language' });
const write = writer(get);

/** What a server that follows the URL standard makes of the bytes that went out. */
function arrived(sent: Outgoing): Incoming & { readonly segments: readonly string[] } {
  const url = new URL(sent.path, 'http://product.internal');
  expect(url.origin).toBe('http://product.internal');
  expect(url.hash).toBe('');
  const parts = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const params = Object.fromEntries(segments(path).flatMap((segment, i) => ('field' in segment ? [[segment.field, parts[i]]] : [])));
  const keys = [...new Set(url.searchParams.keys())];
  const query = Object.fromEntries(
    keys.map((key) => [key, url.searchParams.getAll(key)] as const).map(([key, all]) => [key, all.length === 1 ? all[0] : all]),
  );
  return { segments: parts, params, query, headers: sent.headers, body: undefined };
}

/** The template with the values filled in, as decoded segments: what has to arrive and nothing else. */
const intended = (input: Readonly<Record<string, unknown>>): readonly string[] =>
  segments(path).map((segment) => ('text' in segment ? segment.text : String(input[segment.field])));

/** The path fields that may not be sent, in the order of the template. */
const refusals = (input: Readonly<Record<string, unknown>>): readonly InputIssue[] =>
  fieldsOf(path).flatMap((field) => {
    const message = refusesSegment(String(input[field]));
    return message === undefined ? [] : [{ in: 'path', path: field, message }];
  });

// Any UTF-16 text, and besides it text from the characters that mean something to a URL.
const meaningful = fc.string({
  unit: fc.constantFrom(
    '.',
    '/',
    '\\',
    '%',
    '2',
    'e',
    'f',
    'F',
    '?',
    '#',
    '&',
    '=',
    ';',
    ':',
    '@',
    '+',
    ' ',
    '\0',
    '\r',
    '\n',
    '\t',
    'ä',
    '🛫',
    'a',
  ),
  maxLength: 12,
});
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), meaningful);
const inputs = fc.record(
  {
    id: text,
    orderId: text,
    q: text,
    ids: fc.array(text, { minLength: 1, maxLength: 5 }),
    least: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0), // no -0: text has none
    open: fc.boolean(),
    language: fc.string({ unit: fc.constantFrom('a', 'Z', '-', ';', '=', '0', '.', ',', '*'), maxLength: 12 }),
  },
  { requiredKeys: ['id', 'orderId'] },
);

describe('what is written', () => {
  it('arrives as the same values in the same segments, or is not sent at all', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const sent = write(input);
        const [refusal] = refusals(input);
        const came = 'in' in sent ? sent : { segments: arrived(sent).segments, read: readInput(get, Input, arrived(sent)) };
        expect(came).toEqual(refusal ?? { segments: intended(input), read: { ok: true, input } });
      }),
      { numRuns: 1000 },
    );
  });

  it('carries ordinary values plainly', () => {
    expect(write({ id: 'u-0001', orderId: 'o-0001', q: 'a b&c', ids: ['x', 'y'], least: 1.5, open: false, language: 'sv' })).toEqual({
      path: '/v1/users/u-0001/orders/o-0001/lines?q=a%20b%26c&ids=x&ids=y&least=1.5&open=false',
      headers: { 'accept-language': 'sv' },
      body: undefined,
    });
  });

  it('never throws for half a character: the query carries the replacement character, the path refuses it', () => {
    expect(write({ id: 'u', orderId: 'o', q: 'a\ud800' })).toMatchObject({ path: '/v1/users/u/orders/o/lines?q=a%EF%BF%BD' });
    expect(write({ id: 'u\ud800', orderId: 'o' })).toEqual({ in: 'path', path: 'id', message: 'expected well-formed Unicode' });
  });

  it('leaves out what is absent', () => {
    expect(write({ id: 'u', orderId: 'o', q: undefined })).toEqual({ path: '/v1/users/u/orders/o/lines', headers: {}, body: undefined });
  });

  it.each(['a\r\nx-admin: 1', 'a\nb', 'a\0', 'ä', '\u007f'])('is refused where a header value would not be plain ASCII: %j', (language) => {
    expect(write({ id: 'u', orderId: 'o', language })).toEqual({
      in: 'header',
      path: 'accept-language',
      message: 'expected visible ASCII characters and spaces',
    });
  });

  it('puts in the body what is left, as JSON, and nothing that the contract does not name', () => {
    const create = writer(
      wire(
        'post',
        '/users/{id}/orders',
        z.object({ id: z.string(), note: z.string().optional(), lines: z.array(z.object({ n: z.int() })) }),
      ),
    );
    expect(create({ id: 'u-0001', lines: [{ n: 1 }], admin: true })).toEqual({
      path: '/users/u-0001/orders',
      headers: {},
      body: '{"lines":[{"n":1}]}',
    });
  });
});

describe('path traversal', () => {
  const corpus = new URL('../../../shared/corpora/traversal.json', import.meta.url);
  const there = existsSync(corpus);
  const spellings: readonly string[] = there ? z.array(z.string()).parse(JSON.parse(readFileSync(corpus, 'utf8'))) : generated();

  it(`is tried in ${spellings.length} spellings, ${there ? 'of the corpus' : 'generated, since ../shared/corpora/traversal.json is not there'}`, () => {
    expect(new Set(spellings).size).toBeGreaterThanOrEqual(there ? 22_582 : 500);
  });

  it('never leaves the segment of a path field', () => {
    const escaped = spellings.filter((spelling) => {
      const sent = write({ id: spelling, orderId: 'o-0001' });
      if ('in' in sent) return false;
      const { pathname, search } = new URL(sent.path, 'http://product.internal');
      const parts = pathname.split('/');
      return parts.length !== 7 || search !== '' || decodeURIComponent(parts[3] ?? '') !== spelling;
    });
    expect(escaped).toEqual([]);
  });

  it('is read back from a query as the text that it is', () => {
    const changed = spellings.filter((spelling) => {
      const sent = write({ id: 'u-0001', orderId: 'o-0001', q: spelling });
      if ('in' in sent) return true;
      const { pathname, searchParams } = new URL(sent.path, 'http://product.internal');
      return pathname !== '/v1/users/u-0001/orders/o-0001/lines' || searchParams.get('q') !== spelling.toWellFormed();
    });
    expect(changed).toEqual([]);
  });

  it('is refused with a reason where it comes in as a path value', () => {
    const dangerous = spellings.filter((spelling) => /[/\\]|^\.\.?$|%2e|%2f|%5c/i.test(spelling));
    expect(dangerous.length).toBeGreaterThan(400);
    expect(
      dangerous.filter(
        (spelling) => readInput(get, Input, { params: { id: spelling, orderId: 'o' }, query: {}, headers: {}, body: undefined }).ok,
      ),
    ).toEqual([]);
  });
});

/** Dots and slashes in the encodings that servers have been seen to fall for, one to eight levels up. */
function generated(): readonly string[] {
  const dots = ['..', '%2e%2e', '.%2e', '%252e%252e', '..;', '%c0%ae%c0%ae', '....'];
  const slashes = ['/', '\\', '%2f', '%5c', '%252f', '%c0%af', '//', '/./', '%u2215'];
  return dots.flatMap((dot) =>
    slashes.flatMap((slash) => Array.from({ length: 8 }, (_, up) => `${(dot + slash).repeat(up + 1)}etc/passwd`)),
  );
}
