import { describe, expect, it } from '@jest/globals';
import { route } from '#contracts/kernel/index.js';
import { z } from 'zod';
import { complaint } from './complaint.js';

const input = z.object({ id: z.string(), language: z.string().optional() });
const output = z.object({ name: z.string() });

describe('a route', () => {
  it('is declared by a line, and sorts its input as an operation does', () => {
    const line = 'GET /v1/students/{id}/dashboard';
    const dashboard = route(line, {
      summary: 'A student.',
      input,
      output,
      parts: { student: 'required' },
      headers: { language: 'accept-language' },
    });
    expect(dashboard).toMatchObject({
      line,
      summary: 'A student.',
      errors: {},
      parts: { student: 'required' },
      wire: {
        method: 'get',
        path: '/v1/students/{id}/dashboard',
        inPath: [{ name: 'id' }],
        inHeaders: [{ name: 'language', wire: 'accept-language' }],
        inQuery: [],
      },
    });
  });

  it.each(['GET', 'get /v1/x', 'FETCH /v1/x', '/v1/x', 'GET /v1/x HTTP/1.1', 'GET  /v1/x', ''])(
    'is refused where its line is "%s"',
    (line) => {
      expect(complaint(() => route(line, { input: z.object({}), output, parts: {} }))).toMatch(
        /^route ".*": (expected a line like "GET \/v1\/orders\/\{orderId\}"|path "": expected it to begin with "\/")$/,
      );
    },
  );

  it.each<[string, object, string]>([
    [
      'a path field that its input has not',
      { input: z.object({ ident: z.string() }) },
      'path "/v1/x/{id}" names {id}, which the input has not',
    ],
    [
      'an input that JSON has not',
      { input: z.object({ id: z.string(), at: z.date() }) },
      'input at: a Date, which JSON has not: use z.iso.datetime()',
    ],
    ['an output that JSON has not', { output: z.object({ at: z.date() }) }, 'output at: a Date, which JSON has not: use z.iso.datetime()'],
    [
      'a default in its output',
      { output: z.object({ n: z.int().default(0) }) },
      'output n: a default: it would hide that a product stopped sending the field',
    ],
    ['an error that is none', { errors: { fine: 200 } }, 'error "fine": expected a status from 400 to 599, got 200'],
    [
      'a part named like what a composition is given',
      { parts: { gather: 'required' as const } },
      'part "gather": that is what a composition is given besides its parts; choose another name',
    ],
    ['an error named like a failure', { errors: { timeout: 504 } }, 'error "timeout": that is the name of a failure; choose another'],
  ])('is refused, by its line, with %s', (_, terms, why) => {
    expect(complaint(() => route('GET /v1/x/{id}', { input: z.object({ id: z.string() }), output, parts: {}, ...terms }))).toBe(
      `route "GET /v1/x/{id}": ${why}`,
    );
  });
});
