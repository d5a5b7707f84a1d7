import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { PROBLEM_TYPE } from '#contracts/kernel/index.js';
import { type Root, emit } from '../openapi/schemas.js';
import type { Answer, JsonSchema, OpenApiDocument, Parameter, PathItem, PathOperation } from '../openapi/specification.js';
import * as schemas from './schemas.js';

/** One line of the ops API: what it takes and gives. */
interface Line {
  readonly id: string;
  readonly method: 'get' | 'patch' | 'post';
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** What it gives; undefined for a text. */
  readonly answer?: z.ZodObject;
  readonly parameters?: readonly Parameter[];
  readonly refusals?: readonly number[];
}

const name = { type: 'string' } as const;
const operator: Parameter = {
  name: 'x-interline-operator',
  in: 'header',
  description: 'Who asks, for the history. A browser has to send it with every write, since no form can. Default: unknown.',
  schema: name,
};
const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The revision that the change is for, as `ETag` said it: `"3.1-0a1b2c3d"`.',
  schema: name,
};

const Live = z.object({ status: z.string() });
const Ready = Live.extend({
  config: z.object({ state: z.enum(['ok', 'rejected']), revision: z.string(), problems: z.array(z.string()).optional() }),
  redis: z
    .object({
      up: z.boolean(),
      connection: z.enum(['connected', 'connecting', 'closed']),
      breaker: z.enum(['closed', 'open']),
      pending: z.int(),
    })
    .optional(),
});

/** What a write can be refused for, whatever it writes. */
const WRITE = [400, 413, 415, 422];

const lines: readonly Line[] = [
  {
    id: 'readPolicy',
    method: 'get',
    path: '/ops/policy',
    summary: 'Every knob with its value in force, and where it comes from.',
    query: schemas.PolicyQuery,
    answer: schemas.PolicyAnswer,
    refusals: [422],
  },
  {
    id: 'changePolicy',
    method: 'patch',
    path: '/ops/policy',
    summary: 'Turns knobs within their bounds: all that are named, or none.',
    body: schemas.PolicyChange,
    answer: schemas.Turned,
    parameters: [ifMatch, operator],
    refusals: [...WRITE, 412, 428, 503],
  },
  {
    id: 'readHistory',
    method: 'get',
    path: '/ops/history',
    summary: 'What was turned, by whom and why, the latest first.',
    answer: schemas.History,
  },
  {
    id: 'undo',
    method: 'post',
    path: '/ops/undo',
    summary: 'Takes back what one step of the history changed.',
    body: schemas.Undo,
    answer: schemas.Turned,
    parameters: [operator],
    refusals: [...WRITE, 503],
  },
  {
    id: 'isolate',
    method: 'post',
    path: '/ops/isolate',
    summary: 'Cuts a product off, or brings it back.',
    body: schemas.Isolate,
    answer: schemas.Turned,
    parameters: [operator],
    refusals: [...WRITE, 503],
  },
  {
    id: 'purge',
    method: 'post',
    path: '/ops/purge',
    summary: 'Takes away what is stored.',
    body: schemas.PurgeSelector,
    answer: schemas.Purged,
    parameters: [operator],
    refusals: WRITE,
  },
  {
    id: 'readProducts',
    method: 'get',
    path: '/ops/products',
    summary: 'The products as they are right now.',
    answer: schemas.ProductsAnswer,
  },
  { id: 'readAccess', method: 'get', path: '/ops/access', summary: 'Who may call what, and who does.', answer: schemas.AccessAnswer },
  { id: 'readDocument', method: 'get', path: '/ops/openapi.json', summary: 'This document.', answer: z.object({}) },
  { id: 'live', method: 'get', path: '/health/live', summary: 'Whether the process lives.', answer: Live },
  {
    id: 'ready',
    method: 'get',
    path: '/health/ready',
    summary: 'Whether it takes work, what became of gateway.yaml, and how Redis is; 503 while it drains.',
    answer: Ready,
  },
  { id: 'metrics', method: 'get', path: '/metrics', summary: 'What the gateway counts, for Prometheus.' },
];

/** The OpenAPI 3.1 document of the ops port. */
export const document: OpenApiDocument = made();

function made(): OpenApiDocument {
  const taken = new Set<string>();
  const roots = (pick: (line: Line) => z.ZodObject | undefined, end: string): Root[] =>
    lines.flatMap((line) => {
      const schema = pick(line);
      return schema ? [{ schema, owner: '', names: [pascal(line.id) + end] }] : [];
    });
  const outputs = emit(
    [{ schema: schemas.OpsProblemBody, owner: '', names: ['Problem'] }, ...roots(({ answer }) => answer, 'Answer')],
    'output',
    taken,
  );
  const inputs = emit([...roots(({ query }) => query, 'Query'), ...roots(({ body }) => body, 'Body')], 'input', taken);

  const refused = (status: number): Answer => ({
    description: STATUS_CODES[status] ?? '',
    content: { [PROBLEM_TYPE]: { schema: { ...outputs.refTo(schemas.OpsProblemBody) } } },
  });
  const operation = ({ id, summary, query, body, answer, parameters = [], refusals = [] }: Line): PathOperation => ({
    operationId: id,
    tags: ['ops'],
    summary,
    parameters: [...parameters, ...(query ? parametersOf(inputs.component(query)) : [])],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: { ...inputs.refTo(body) } } } } }),
    responses: {
      200: {
        description: 'Done',
        content: answer ? { 'application/json': { schema: { ...outputs.refTo(answer) } } } : { 'text/plain': { schema: name } },
      },
      ...Object.fromEntries([401, 403, 429, ...refusals].map((status) => [status, refused(status)])),
    },
  });

  const paths: Record<string, PathItem> = {};
  for (const line of lines) paths[line.path] = { ...paths[line.path], [line.method]: operation(line) };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Interline: ops',
      version: 'unreleased',
      description:
        'What operators read and turn while the gateway runs. On the loopback address, or with a token (`Authorization: Bearer`).',
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'ops', description: 'Everything on this port.' }],
    paths,
    components: { schemas: { ...outputs.components, ...inputs.components }, responses: {}, headers: {} },
  };
}

function pascal(id: string): string {
  return id.slice(0, 1).toUpperCase() + id.slice(1);
}

function parametersOf({ properties = {} }: JsonSchema): Parameter[] {
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema: typeof schema === 'object' ? schema : {} }));
}
