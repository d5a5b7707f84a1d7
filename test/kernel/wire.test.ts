import { describe, expect, it } from '@jest/globals';
import { wire } from '#contracts/kernel/wire.js';
import { z } from 'zod';
import { complaint } from './complaint.js';

const text = z.string();

describe('wire', () => {
  it('sorts the fields of a GET into path, headers and query', () => {
    const input = z.object({
      id: text,
      language: z.enum(['en', 'sv']).optional(),
      limit: z.int().default(20),
      all: z.boolean().optional(),
      ids: z.array(text).optional(),
    });
    expect(wire('get', '/users/{id}', input, { language: 'Accept-Language' })).toEqual({
      method: 'get',
      path: '/users/{id}',
      inPath: [{ name: 'id', wire: 'id', kind: 'string', list: false }],
      inHeaders: [{ name: 'language', wire: 'accept-language', kind: 'string', list: false }],
      inQuery: [
        { name: 'limit', wire: 'limit', kind: 'number', list: false },
        { name: 'all', wire: 'all', kind: 'boolean', list: false },
        { name: 'ids', wire: 'ids', kind: 'string', list: true },
      ],
      inBody: undefined,
    });
  });

  it.each(['post', 'put', 'patch'] as const)('sends what is left in the body of a %s, objects included', (method) => {
    const input = z.object({ id: text, tenant: text, delivery: z.object({ city: text }), lines: z.array(z.object({ n: z.int() })) });
    expect(wire(method, '/orders/{id}', input, { tenant: 'x-tenant' })).toMatchObject({ inQuery: [], inBody: ['delivery', 'lines'] });
  });

  it('sends what is left in the query of a DELETE', () => {
    expect(wire('delete', '/orders/{id}', z.object({ id: text, why: text }))).toMatchObject({
      inQuery: [{ name: 'why' }],
      inBody: undefined,
    });
  });

  it.each([
    [
      'a path field that the input has not',
      () => wire('get', '/users/{userid}', z.object({ userId: text })),
      'path "/users/{userid}" names {userid}, which the input has not (did you mean "userId"?)',
    ],
    [
      'a path field that every object inherits',
      () => wire('get', '/users/{constructor}', z.object({ id: text })),
      'path "/users/{constructor}" names {constructor}, which the input has not',
    ],
    [
      'an optional path field',
      () => wire('get', '/users/{id}', z.object({ id: text.optional() })),
      'path "/users/{id}": {id} is optional in the input; a path field has to be there',
    ],
    [
      'a path field with a default',
      () => wire('get', '/users/{id}', z.object({ id: text.default('me') })),
      'path "/users/{id}": {id} is optional in the input; a path field has to be there',
    ],
    [
      'a path field that may be null',
      () => wire('get', '/users/{id}', z.object({ id: text.nullable() })),
      'input "id": null can\'t travel as text; say optional()',
    ],
    [
      'a query field that may be null',
      () => wire('get', '/users', z.object({ q: text.nullish() })),
      'input "q": null can\'t travel as text; say optional()',
    ],
    [
      'a path that names a field twice',
      () => wire('get', '/users/{id}/{id}', z.object({ id: text })),
      'path "/users/{id}/{id}" names a field twice',
    ],
    [
      'a list in the path',
      () => wire('get', '/users/{ids}', z.object({ ids: z.array(text) })),
      'input "ids": expected a string, number, boolean or enum where it travels as text, got array',
    ],
    [
      'an object in the path',
      () => wire('get', '/users/{id}', z.object({ id: z.object({}) })),
      'input "id": expected a string, number, boolean or enum where it travels as text, got object',
    ],
    [
      'an object in the query',
      () => wire('get', '/users', z.object({ filter: z.object({ name: text }) })),
      'input "filter": expected a string, number, boolean or enum where it travels as text, got object',
    ],
    [
      'a list of objects in the query',
      () => wire('get', '/users', z.object({ by: z.array(z.object({})) })),
      'input "by": expected a string, number, boolean or enum where it travels as text, got object',
    ],
    [
      'a list of lists in the query',
      () => wire('get', '/users', z.object({ by: z.array(z.array(text)) })),
      'input "by": expected a string, number, boolean or enum where it travels as text, got array',
    ],
    [
      'a record in the query',
      () => wire('get', '/users', z.object({ by: z.record(text, text) })),
      'input "by": expected a string, number, boolean or enum where it travels as text, got record',
    ],
    [
      'a union in the query',
      () => wire('get', '/users', z.object({ by: z.union([text, z.number()]) })),
      'input "by": expected a string, number, boolean or enum where it travels as text, got union',
    ],
    [
      'a list in a header',
      () => wire('get', '/users', z.object({ tags: z.array(text) }), { tags: 'x-tags' }),
      'input "tags": expected a string, number, boolean or enum where it travels as text, got array',
    ],
    [
      'headers of a field that the input has not',
      () => wire('get', '/users', z.object({ language: text }), { langage: 'accept-language' }),
      'headers name "langage", which the input has not (did you mean "language"?)',
    ],
    [
      'headers of a field that travels in the path',
      () => wire('get', '/users/{id}', z.object({ id: text }), { id: 'x-id' }),
      'headers name "id", which travels in the path',
    ],
    [
      'one header for two fields',
      () => wire('get', '/users', z.object({ a: text, b: text }), { a: 'x-tenant', b: 'X-Tenant' }),
      'headers name "x-tenant" twice',
    ],
    [
      'a header name that is none',
      () => wire('get', '/users', z.object({ a: text }), { a: 'x tenant:' }),
      'headers: expected a name like "accept-language", got "x tenant:"',
    ],
  ])('refuses %s', (_, make, message) => {
    expect(complaint(make)).toBe(message);
  });

  it.each([
    'Cookie',
    'Authorization',
    'Host',
    'Connection',
    'Content-Length',
    'Content-Type',
    'Transfer-Encoding',
    'TE',
    'Upgrade',
    'Traceparent',
    'X-Request-Id',
  ])('refuses the header %s, which is not a contract`s to send', (header) => {
    expect(complaint(() => wire('get', '/users', z.object({ a: text }), { a: header }))).toBe(
      `headers: "${header.toLowerCase()}" is not a contract's to send`,
    );
  });
});
