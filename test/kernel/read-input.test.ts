import { describe, expect, it } from '@jest/globals';
import { type Incoming, readInput } from '#contracts/kernel/index.js';
import { wire } from '#contracts/kernel/wire.js';
import { z } from 'zod';

const nothing: Incoming = { params: {}, query: {}, headers: {}, body: undefined };

describe('the path', () => {
  const input = z.object({ id: z.string(), page: z.int() });
  const read = (params: Incoming['params']): unknown => readInput(wire('get', '/users/{id}/{page}', input), input, { ...nothing, params });

  it('is read by the declared types', () => {
    expect(read({ id: '007', page: '7' })).toEqual({ ok: true, input: { id: '007', page: 7 } });
  });

  it('is refused where a value could leave its segment, before the schema sees it', () => {
    expect(read({ id: '..', page: 'a/b' })).toEqual({
      ok: false,
      issues: [
        { in: 'path', path: 'id', message: 'expected a value, got a dot segment' },
        { in: 'path', path: 'page', message: 'expected no slash, backslash, control character or percent-encoded byte' },
      ],
    });
  });

  it('is refused where a value is missing', () => {
    expect(read({ id: 'x' })).toMatchObject({
      ok: false,
      issues: [{ in: 'path', path: 'page', message: 'expected a value, got an empty one' }],
    });
  });

  it('is refused by the schema, in its place', () => {
    expect(read({ id: 'x', page: 'last' })).toEqual({
      ok: false,
      issues: [{ in: 'path', path: 'page', message: 'Invalid input: expected number, received string' }],
    });
  });
});

describe('the query', () => {
  const input = z.object({
    limit: z.int().max(100).optional(),
    ratio: z.number().optional(),
    open: z.boolean().optional(),
    sort: z.enum(['name', 'date']).default('name'),
    ids: z.array(z.string()).optional(),
    numbers: z.array(z.int()).optional(),
  });
  const list = wire('get', '/users', input);
  const read = (query: Incoming['query']): unknown => readInput(list, input, { ...nothing, query });

  it('is read by the declared types, with the defaults of the contract', () => {
    expect(read({ limit: '20', ratio: '-1.5e-3', open: 'false' })).toEqual({
      ok: true,
      input: { limit: 20, ratio: -0.0015, open: false, sort: 'name' },
    });
  });

  it('gives a list for a declared list, even of one', () => {
    expect(read({ ids: 'a', numbers: ['1', '2'] })).toMatchObject({ input: { ids: ['a'], numbers: [1, 2] } });
  });

  it.each([
    ['limit', '', 'Invalid input: expected number, received string'],
    ['limit', ' 7', 'Invalid input: expected number, received string'],
    ['limit', '0x10', 'Invalid input: expected number, received string'],
    ['limit', '1_000', 'Invalid input: expected number, received string'],
    ['limit', 'NaN', 'Invalid input: expected number, received string'],
    ['limit', 'Infinity', 'Invalid input: expected number, received string'],
    ['ratio', '1e999', 'Invalid input: expected number, received Infinity'],
    ['limit', '1.5', 'Invalid input: expected int, received number'],
    ['limit', '101', 'Too big: expected number to be <=100'],
    ['open', 'yes', 'Invalid input: expected boolean, received string'],
    ['open', '1', 'Invalid input: expected boolean, received string'],
    ['open', 'TRUE', 'Invalid input: expected boolean, received string'],
    ['sort', 'Name', 'Invalid option: expected one of "name"|"date"'],
  ])('keeps the text of %s=%s for the schema to refuse', (key, text, message) => {
    expect(read({ [key]: text })).toEqual({ ok: false, issues: [{ in: 'query', path: key, message }] });
  });

  it('refuses unknown keys, all of them, each with the nearest known', () => {
    expect(read({ limt: '1', sorted: 'name', utm_source: 'x' })).toEqual({
      ok: false,
      issues: [
        { in: 'query', path: 'limt', message: 'unknown query parameter (did you mean "limit"?)' },
        { in: 'query', path: 'sorted', message: 'unknown query parameter (did you mean "sort"?)' },
        { in: 'query', path: 'utm_source', message: 'unknown query parameter' },
      ],
    });
  });

  it('refuses a repeated key unless a list is declared', () => {
    expect(read({ limit: ['1', '2'], ids: ['a', 'b'] })).toEqual({
      ok: false,
      issues: [{ in: 'query', path: 'limit', message: 'expected it once, got it more than once' }],
    });
  });

  it.each(['ids[]', 'ids[0]', 'limit[gt]', 'ids[__proto__]', 'ids.0', 'LIMIT'])('knows no other spelling of a key: %s', (key) => {
    expect(read({ [key]: '1' })).toMatchObject({
      ok: false,
      issues: [{ in: 'query', path: key, message: expect.stringMatching(/^unknown query parameter/) }],
    });
  });

  it.each(['<script>', 'a b', '../../etc/passwd', '{{7*7}}', '', 'é', 'a\nb'])('does not repeat a key that is no name: %j', (key) => {
    expect(read({ [key]: '1' })).toEqual({
      ok: false,
      issues: [{ in: 'query', path: '(not a name)', message: 'unknown query parameter' }],
    });
  });

  it('tells of at most fifty unknown keys', () => {
    expect(read(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, '1'])))).toHaveProperty('issues.length', 50);
  });

  it('shortens a key that it tells of', () => {
    expect(read({ ['k'.repeat(10_000)]: '1' })).toMatchObject({ issues: [{ path: `${'k'.repeat(64)}…` }] });
  });

  it('names a broken item of a list by its position', () => {
    expect(read({ numbers: ['1', 'two'] })).toMatchObject({ issues: [{ in: 'query', path: 'numbers.1' }] });
  });
});

describe('the headers', () => {
  const input = z.object({ language: z.string(), tenant: z.string().optional(), version: z.int().optional() });
  const list = wire('get', '/users', input, { language: 'Accept-Language', tenant: 'x-tenant', version: 'x-version' });
  const read = (headers: Incoming['headers']): unknown => readInput(list, input, { ...nothing, headers });

  it('are read where the contract names them, and others are not looked at', () => {
    expect(read({ 'accept-language': 'sv', 'x-version': '2', cookie: 'secret', 'x-user-id': '1' })).toEqual({
      ok: true,
      input: { language: 'sv', version: 2 },
    });
  });

  it('are refused where one came more than once', () => {
    expect(read({ 'accept-language': ['sv', 'en'] })).toEqual({
      ok: false,
      issues: [{ in: 'header', path: 'accept-language', message: 'expected it once, got it more than once' }],
    });
  });

  it('are refused where they hold what no header of ours can carry on', () => {
    expect(read({ 'accept-language': 'svenska på skånska' })).toMatchObject({
      ok: false,
      issues: [{ in: 'header', path: 'accept-language' }],
    });
  });

  it('are refused in their place where one is missing or wrong', () => {
    expect(read({ 'x-version': 'two' })).toMatchObject({
      ok: false,
      issues: [
        { in: 'header', path: 'language' },
        { in: 'header', path: 'version' },
      ],
    });
  });
});

describe('the body', () => {
  const input = z.object({ id: z.string(), note: z.string().optional(), lines: z.array(z.object({ price: z.number() })).optional() });
  const put = wire('put', '/orders/{id}', input);
  const read = (body: unknown): unknown => readInput(put, input, { ...nothing, params: { id: 'o-0001' }, body });

  it('is read as it came', () => {
    expect(read({ note: 'x', lines: [{ price: 1 }] })).toEqual({ ok: true, input: { id: 'o-0001', note: 'x', lines: [{ price: 1 }] } });
  });

  it.each([[undefined], [null]])('may be left out where every field may: %s', (body) => {
    expect(read(body)).toEqual({ ok: true, input: { id: 'o-0001' } });
  });

  it.each([[[]], ['text'], [7], [true]])('is refused where it is no object: %j', (body) => {
    expect(read(body)).toEqual({ ok: false, issues: [{ in: 'body', path: '', message: 'expected a JSON object' }] });
  });

  it('is refused with every unknown field and the nearest known', () => {
    expect(read({ notes: 'x', extra: 1 })).toEqual({
      ok: false,
      issues: [
        { in: 'body', path: 'notes', message: 'unknown field (did you mean "note"?)' },
        { in: 'body', path: 'extra', message: 'unknown field' },
      ],
    });
  });

  it('may not say again what the path says', () => {
    expect(read({ id: 'o-0002' })).toMatchObject({ ok: false, issues: [{ in: 'body', path: 'id' }] });
  });

  it('is not read as text: a number has to be one', () => {
    expect(read({ lines: [{ price: '1' }] })).toMatchObject({ ok: false, issues: [{ in: 'body', path: 'lines.0.price' }] });
  });

  it('is told of in at most fifty issues', () => {
    const answer = readInput(put, input, {
      ...nothing,
      params: { id: 'x' },
      body: { lines: Array.from({ length: 5000 }, () => ({ price: 'x' })) },
    });
    expect(answer.ok || answer.issues).toHaveLength(50);
  });
});
