import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';
import { openapi } from '../../src/openapi/document.js';
import { operations, post, routes } from './sample-contracts.js';
import { calls, faults, refs, resolve } from './validity.js';

const document = openapi({ operations, routes, version: '1.2.3' });
const call = (operationId: string) => {
  const found = calls(document).get(operationId);
  if (found === undefined) throw new Error(`no ${operationId} in the document`);
  return found;
};
const problem = { $ref: '#/components/schemas/Problem' };

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(await faults(document)).toEqual([]);
    expect(document).toMatchObject({ openapi: '3.1.1', info: { title: 'Interline', version: '1.2.3' } });
  });

  it('points to nothing that is not there, and holds no component that nothing points to', () => {
    const pointers = new Set(refs(document));
    for (const ref of pointers) expect([ref, resolve(document, ref)]).toEqual([ref, expect.anything()]);
    const schemas = Object.keys(document.components.schemas);
    expect(schemas.filter((name) => !pointers.has(`#/components/schemas/${name}`))).toEqual([]);
  });

  it('is the same whatever the order of the contracts', () => {
    const expected = JSON.stringify(document);
    fc.assert(
      fc.property(shuffled(operations), shuffled(routes), (operations, routes) => {
        expect(JSON.stringify(openapi({ operations, routes, version: '1.2.3' }))).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('files product routes under their product and version, and two names of one path under one', () => {
    expect(Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)])).toEqual([
      ['/v1/news', ['get']],
      ['/v1/parcels/{parcelId}/delivery', ['get']],
      ['/products/post/v1/crates/{id}', ['get']],
      ['/products/post/v1/parcels/{id}', ['get', 'delete']],
      ['/products/post/v1/parcels', ['get']],
      ['/products/post/v1/senders/{sender}/parcels', ['post']],
    ]);
    expect(call('post.v1.dropParcel').parameters?.map(({ name }) => name)).toEqual(['id']);
  });

  it('refuses two routes that would have one operationId, naming both', () => {
    const terms = { input: z.object({}), output: z.object({ a: z.string() }), parts: {} };
    const twins = [route('GET /v1/order-lines', terms), route('GET /v1/order/lines', terms)];
    expect(() => openapi({ operations: [], routes: twins })).toThrow('both "GET /v1/order-lines" and "GET /v1/order/lines"');
  });

  it('stands without any contract', async () => {
    expect(await faults(openapi({ operations: [], routes: [] }))).toEqual([]);
  });
});

describe('what a call takes', () => {
  it('says a list as a repeated key, and a default, an example and a deprecation as the contract does', () => {
    expect(call('post.v1.listParcels').parameters).toEqual([
      {
        name: 'ids',
        in: 'query',
        required: true,
        style: 'form',
        explode: true,
        description: 'Which ones.',
        schema: { type: 'array', maxItems: 10, items: { type: 'string', pattern: '^p-\\d{4,9}$', examples: ['p-0001'] } },
        example: ['p-0001', 'p-0002'],
      },
      { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 50, default: 20 } },
      { name: 'slow', in: 'query', deprecated: true, schema: { type: 'boolean' } },
    ]);
  });

  it('names the headers that the contract names', () => {
    expect(call('post.v1.getParcel').parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^p-\\d{4,9}$' }, example: 'p-0001' },
      { name: 'accept-language', in: 'header', schema: { type: 'string', enum: ['en', 'sv'] } },
    ]);
  });

  it('says a body without the fields that travel elsewhere, closed to all others', () => {
    expect(call('post.v1.sendParcel').requestBody).toEqual({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              to: { type: 'string' },
              crate: { $ref: '#/components/schemas/post.v1.SendParcelInputCrate' },
              express: { type: 'boolean', default: false },
            },
            required: ['to', 'crate'],
            additionalProperties: false,
          },
        },
      },
    });
    expect(call('post.v1.getParcel').requestBody).toBeUndefined();
  });
});

describe('what a call answers', () => {
  it('shows a composed answer in its envelope, with the state of each part', () => {
    const { description, responses, ...rest } = call('getParcelDelivery');
    expect(responses[200]).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ParcelDeliveryAnswer' } } },
    });
    const state = { $ref: '#/components/schemas/PartState' };
    expect(document.components.schemas['ParcelDeliveryAnswer']).toMatchObject({
      properties: {
        data: { $ref: '#/components/schemas/ParcelDelivery' },
        complete: { type: 'boolean' },
        parts: { properties: { parcel: state, sender: state, weather: state }, required: ['parcel', 'sender', 'weather'] },
      },
      required: ['data', 'complete', 'parts'],
    });
    expect(rest['x-interline-parts']).toEqual({ parcel: 'required', sender: 'optional', weather: 'fallback' });
    for (const row of ['| `parcel` | required', '| `sender` | optional', '| `weather` | fallback']) expect(description).toContain(row);
  });

  it('names the headers of a success, the validator only where there is something to validate', () => {
    const always = ['Cache-Control', 'RateLimit', 'RateLimit-Policy', 'x-request-id', 'traceparent'];
    const headersOf = (id: string, status: number): readonly string[] => {
      const answer = call(id).responses[status];
      return answer && 'headers' in answer ? Object.keys(answer.headers ?? {}) : [];
    };
    expect(headersOf('getParcelDelivery', 200)).toEqual(['Gateway-Complete', 'ETag', 'Cache-Status', 'Age', 'Server-Timing', ...always]);
    expect(headersOf('post.v1.getParcel', 200)).toEqual(['ETag', 'Cache-Status', 'Age', 'Server-Timing', ...always]);
    expect(headersOf('post.v1.sendParcel', 201)).toEqual(['Cache-Status', 'Age', 'Server-Timing', ...always]);
  });

  it('says 304 of what can be validated, and no content where there is none', () => {
    expect(call('getNews').responses[304]).toEqual({ $ref: '#/components/responses/NotModified' });
    expect(call('post.v1.sendParcel').responses).not.toHaveProperty('304');
    expect(call('post.v1.dropParcel').responses[204]).not.toHaveProperty('content');
  });

  it('lists each declared error by its code under its status', () => {
    const { responses } = call('post.v1.getParcel');
    expect(responses[410]).toMatchObject({
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              problem,
              {
                properties: { type: { const: 'urn:interline:problem:parcelGone' }, status: { const: 410 }, code: { const: 'parcelGone' } },
              },
            ],
          },
        },
      },
    });
    expect(responses[404]).toMatchObject({
      description: '`parcelNotFound` (there is none) or `parcelHidden`.',
      content: {
        'application/problem+json': {
          schema: { allOf: [problem, { properties: { code: { enum: ['parcelNotFound', 'parcelHidden'] } } }] },
        },
      },
    });
  });

  it('keeps the general meaning of a status that a declared error shares', () => {
    const declared = { allOf: [problem, { properties: { code: { const: 'carrierDown' } } }] };
    expect(call('getParcelDelivery').responses[503]).toMatchObject({
      headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
      content: { 'application/problem+json': { schema: { anyOf: [declared, problem] } } },
    });
  });

  it('says no 502 or 504 where no product can fail the answer', () => {
    expect(Object.keys(call('getNews').responses)).toEqual(['200', '304', '400', '429', '431', '500', '503']);
    expect(Object.keys(call('getParcelDelivery').responses)).toEqual([
      '200',
      '304',
      '400',
      '404',
      '429',
      '431',
      '500',
      '502',
      '503',
      '504',
    ]);
  });

  it('says 413 and 415 where a body is sent', () => {
    expect(call('post.v1.sendParcel').responses).toMatchObject({ 413: {}, 415: { $ref: '#/components/responses/UnsupportedMediaType' } });
    expect(call('post.v1.dropParcel').responses).not.toHaveProperty('415');
  });

  it('gives every shared problem its kinds of failure, and Retry-After where a later try helps', () => {
    const { responses } = document.components;
    expect(responses['BadGateway']?.description).toContain('- `contract`: A field that is read broke its contract');
    expect(responses['GatewayTimeout']?.description).toContain('- `timeout`:');
    const retryable = Object.entries(responses).filter(([, { headers }]) => headers?.['Retry-After'] !== undefined);
    expect(retryable.map(([name]) => name)).toEqual(['TooManyRequests', 'ServiceUnavailable']);
  });

  it('shows of a product operation whose answer it is, what it answers for, and what means "none"', () => {
    expect(call('post.v1.listParcels')).toMatchObject({
      'x-interline-depends-on': 'public',
      'x-interline-batches': post.listParcels.batches,
    });
    expect(call('post.v1.getParcel')).toMatchObject({ 'x-interline-absent': 'parcelNotFound', 'x-interline-repeatable': true });
    expect(call('post.v1.sendParcel')).toMatchObject({ 'x-interline-depends-on': 'user', 'x-interline-repeatable': false });
  });
});

it('keeps two versions of one product apart', () => {
  const versions = [1, 2].map((version) =>
    product('post', version, {
      getStamp: operation({ get: '/stamp', input: z.object({}), output: z.object({ value: z.literal(version) }) }),
    }),
  );
  const { components } = openapi({ operations: versions.map(({ getStamp }) => getStamp), routes: [] });
  expect(components.schemas).toMatchObject({
    'post.v1.Stamp': { properties: { value: { const: 1 } } },
    'post.v2.Stamp': { properties: { value: { const: 2 } } },
  });
});

const shuffled = <T>(all: readonly T[]): fc.Arbitrary<T[]> => fc.shuffledSubarray([...all], { minLength: all.length });
