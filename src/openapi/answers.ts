import {
  type AnyOperation,
  type AnyRoute,
  type ErrorStatuses,
  type FailureKind,
  PROBLEM_TYPE,
  type Wire,
  failureKinds,
  failures,
  problemType,
} from '#contracts/kernel/index.js';
import type { Answer, Header, JsonSchema, Ref } from './specification.js';

/** Every header that an answer may bear: the one list, each a component of the document. */
export const headers = {
  'Gateway-Complete': {
    description: '`?1` (true, RFC 9651) exactly when no part is failed, partial or fallback; the same as `complete` in the body.',
    schema: { type: 'string', enum: ['?1', '?0'] },
  },
  ETag: {
    description: 'Names this very answer: send it as `If-None-Match` to be answered 304 while it holds. An incomplete answer has none.',
    schema: { type: 'string' },
  },
  'Cache-Status': {
    description:
      'What the caches did (RFC 9211): `interline/{part}` tells of a part, `interline` of the answer as a whole. `hit` with the seconds that it stays fresh (below 0: it is stale), or `fwd` with the reason why the product was asked; `detail` says why an answer was not stored, or what it stands in for; `key` is what it can be purged by.',
    schema: { type: 'string' },
  },
  Age: {
    description: 'How old the oldest of what the answer is made of is, in seconds. Absent where all is new.',
    schema: { type: 'integer', minimum: 0 },
  },
  RateLimit: { description: 'What is left of the limit that the caller has on this route, where it has one.', schema: { type: 'string' } },
  'RateLimit-Policy': { description: 'The limit that the caller has on this route, where it has one.', schema: { type: 'string' } },
  'Cache-Control': { description: 'Who may keep the answer and for how long.', schema: { type: 'string' } },
  'Server-Timing': {
    description: 'How long each part took, in milliseconds. Sent where the gateway is told to.',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds after which a new try makes sense.', schema: { type: 'integer', minimum: 0 } },
  'x-request-id': {
    description: 'The id of the request, as the logs have it: the one that was sent, else a new one.',
    schema: { type: 'string' },
  },
  traceparent: { description: 'The trace that the request belonged to (W3C Trace Context).', schema: { type: 'string' } },
} as const satisfies Record<string, Header>;

type HeaderName = keyof typeof headers;

/** These headers, and those that every answer bears. */
const bearing = (...names: readonly HeaderName[]): Readonly<Record<string, Ref>> => {
  const all: readonly HeaderName[] = [...names, 'Cache-Control', 'RateLimit', 'RateLimit-Policy', 'x-request-id', 'traceparent'];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
};

/** The kinds of failure that give a status, each with what happened. */
const kindsOf = (status: number): string =>
  failureKinds
    .filter((kind) => failures[kind].status === status)
    .map((kind: FailureKind) => `\n- \`${kind}\`: ${failures[kind].title}`)
    .join('');

/** The problems that any route may answer with, whatever its contract declares. */
const troubles = {
  400: { name: 'BadRequest', description: 'The input is not what the contract says: `errors` names every place.' },
  413: { name: 'ContentTooLarge', description: 'The body is larger than the gateway takes.' },
  415: { name: 'UnsupportedMediaType', description: 'The body is not `application/json`.' },
  429: { name: 'TooManyRequests', description: "The caller's own limit is used up.", retryAfter: true },
  431: { name: 'HeadersTooLarge', description: 'The headers are larger than the gateway takes.' },
  500: { name: 'InternalError', description: 'A bug of the gateway; `traceId` finds it in the logs.' },
  502: { name: 'BadGateway', description: `A product whose answer is needed failed:\n${kindsOf(502)}` },
  503: {
    name: 'ServiceUnavailable',
    description: `A product whose answer is needed can't be called now, or the gateway can't take the request:\n${kindsOf(503)}`,
    retryAfter: true,
  },
  504: { name: 'GatewayTimeout', description: `A product whose answer is needed took too long:\n${kindsOf(504)}` },
} as const satisfies Record<number, { readonly name: string; readonly description: string; readonly retryAfter?: true }>;

type TroubleStatus = keyof typeof troubles;
type Trouble = (typeof troubles)[TroubleStatus];

const problemHeaders = (trouble?: Trouble): Readonly<Record<string, Ref>> =>
  bearing(...(trouble && 'retryAfter' in trouble ? (['Retry-After'] as const) : []));

/** The answers that many routes share, as components. */
export function sharedAnswers(problem: Ref): Readonly<Record<string, Answer>> {
  const shared: Record<string, Answer> = {
    NotModified: { description: 'What `If-None-Match` named still holds.', headers: bearing('ETag') },
  };
  for (const trouble of Object.values(troubles))
    shared[trouble.name] = {
      description: trouble.description,
      headers: problemHeaders(trouble),
      content: { [PROBLEM_TYPE]: { schema: { ...problem } } },
    };
  return shared;
}

const sharedAnswer = (name: string): Ref => ({ $ref: `#/components/responses/${name}` });

/** Every answer of a composed route, by status. */
export function routeAnswers({ wire, parts, errors }: AnyRoute, envelope: Ref, problem: Ref): Readonly<Record<string, Answer | Ref>> {
  const needsProducts = Object.values(parts).includes('required');
  const success: Answer = {
    description: 'The data, and what became of each part. `complete` says whether anything is missing.',
    headers: bearing('Gateway-Complete', ...validators(wire), 'Cache-Status', 'Age', 'Server-Timing'),
    content: { 'application/json': { schema: { ...envelope } } },
  };
  return { 200: success, ...unchanged(wire), ...problems(wire, errors, needsProducts, problem) };
}

/** Every answer of a product's operation, by status: the product's own body, stripped to the contract. */
export function operationAnswers(
  { wire, status, errors, absent }: AnyOperation,
  output: Ref | undefined,
  problem: Ref,
): Readonly<Record<string, Answer | Ref>> {
  const success: Answer = {
    description: output ? "The product's own answer." : 'Done; there is nothing to say.',
    headers: bearing(...(output ? validators(wire) : []), 'Cache-Status', 'Age', 'Server-Timing'),
    ...(output && { content: { 'application/json': { schema: { ...output } } } }),
  };
  return { [status]: success, ...(output && unchanged(wire)), ...problems(wire, errors, true, problem, absent) };
}

const validators = ({ method }: Wire): readonly HeaderName[] => (method === 'get' ? ['ETag'] : []);
const unchanged = ({ method }: Wire): Readonly<Record<string, Ref>> => (method === 'get' ? { 304: sharedAnswer('NotModified') } : {});

function problems(
  wire: Wire,
  errors: ErrorStatuses,
  needsProducts: boolean,
  problem: Ref,
  absent?: string,
): Readonly<Record<string, Answer | Ref>> {
  const found: Record<string, Answer | Ref> = {};
  const general: readonly TroubleStatus[] = [
    400,
    ...(wire.inBody ? ([413, 415] as const) : []),
    429,
    431,
    500,
    ...(needsProducts ? ([502, 504] as const) : []),
    503,
  ];
  for (const status of general) found[status] = sharedAnswer(troubles[status].name);
  for (const [status, codes] of Map.groupBy(Object.keys(errors), (code) => errors[code] ?? 0)) {
    const known = general.find((known) => known === status);
    found[status] = declared(status, codes, known && troubles[known], problem, absent);
  }
  return found;
}

/** The answer under a status that declared errors travel under, which may have a general meaning besides. */
function declared(status: number, codes: readonly string[], trouble: Trouble | undefined, problem: Ref, absent?: string): Answer {
  const named = codes.map((code) => `\`${code}\`${code === absent ? ' (there is none)' : ''}`).join(' or ');
  const [only, ...more] = codes;
  const code: JsonSchema = more.length === 0 && only !== undefined ? { const: only } : { enum: [...codes] };
  const type: JsonSchema = more.length === 0 && only !== undefined ? { const: problemType(only) } : { enum: codes.map(problemType) };
  const schema: JsonSchema = { allOf: [{ ...problem }, { type: 'object', properties: { type, status: { const: status }, code } }] };
  return {
    description: trouble ? `The contract's ${named}. Else: ${trouble.description}` : `${named}.`,
    headers: problemHeaders(trouble),
    content: { [PROBLEM_TYPE]: { schema: trouble ? { anyOf: [schema, { ...problem }] } : schema } },
  };
}
