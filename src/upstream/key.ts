import { hash } from 'node:crypto';
import type { DependsOn } from '#contracts/kernel/index.js';
import { lately } from '../lately.js';
import { Recent } from '../recent.js';
import type { Endpoint } from './endpoint.js';
import type { Call, Identity, Scope } from './call.js';

/** Each piece with its length before it: two different tuples never make one text. */
export function tuple(pieces: readonly string[]): string {
  let text = '';
  for (const piece of pieces) text += `${piece.length}:${piece}`;
  return text;
}

/**
 * What a call asks for and whose answer it is, as one text: everything that goes out and may change what comes back. Two calls that
 * differ in any of it never make one text.
 */
export const askedOf = (call: Call): string => (call.asked ??= textOf(call));

function textOf({ endpoint, scope, outgoing }: Call): string {
  const { path, headers, body } = outgoing;
  const text = asksOf(scope)(endpoint)(headers);
  return body === undefined ? text + path : `${text}${path.length}:${path}${body}`;
}

/**
 * What the calls of one operation in one request have in common; mostly their headers too, which are none. The way the request came
 * goes out as well: so what a caller wrote there reaches nobody else, and a call that went round in a circle never waits for itself.
 */
const asksOf = lately((scope: Scope) =>
  lately((endpoint: Endpoint) =>
    lately((headers: Fields) => `${endpoint.id} ${whoseOf(endpoint, scope)}${wayOf(scope.passage)}${headersOf(headers)}`),
  ),
);

const EVERYBODYS = tuple(['public']);

function whoseOf({ operation }: Endpoint, { identity, serial }: Scope): string {
  if (operation.dependsOn === 'public') return EVERYBODYS;
  const asker = ownerOf(operation.dependsOn, identity);
  return asker ? tuple(asker) : requestsOwn(serial);
}

/** What depends on who asks, where nobody knows who, is of one request. */
const requestsOwn = lately((serial: number) => tuple(['request', String(serial)]));

type Fields = Readonly<Record<string, string>>;

function headersOf(headers: Fields): string {
  let [text, count] = ['', 0];
  for (const name in headers) {
    text += tuple([name, headers[name] ?? '']);
    count++;
  }
  return `${count};${text}`;
}

const wayOf = lately(headersOf);

/** What goes out with each call and is another one each time: an answer that varies by it can't be found again by its key. */
export const unkeyed: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'x-request-id',
  'x-request-timeout-ms',
  'x-interline-consumer',
  'x-user-token',
  'via',
  'cdn-loop',
]);

/** Whether requests that come later may wait for a call's answer too, and not only the one that makes it. */
export const mayBeShared = (call: Call): boolean => call.endpoint.operation.repeatable && askerOf(call) !== undefined;

/** Whose answer a call's is, as pieces of a key; undefined where it is somebody's whom nobody has named. */
export const askerOf = ({ endpoint, scope }: Call): readonly string[] | undefined => ownerOf(endpoint.operation.dependsOn, scope.identity);

/** Whose an answer is that depends on this much of who asks, as pieces of a key; undefined where it is somebody's whom nobody has named. */
export function ownerOf(dependsOn: DependsOn, identity: Identity): readonly string[] | undefined {
  const { consumer, user } = identity;
  switch (dependsOn) {
    case 'public':
      return ['public'];
    case 'consumer':
      return consumer === undefined ? undefined : ['consumer', consumer];
    case 'user':
      return user === undefined ? undefined : ['user', ...whole(identity)];
  }
}

/** Whether two callers are one and the same, as far as any answer can depend on them. */
export const isSame = (one: Identity, other: Identity): boolean => tuple(whole(one)) === tuple(whole(other));

/** All that an answer can depend on, as pieces: what is not there is told apart from what is empty. */
const whole = ({ consumer, user, issuer, scopes }: Identity): readonly string[] => [
  ...[consumer, user, issuer].flatMap((piece) => (piece === undefined ? ['0'] : ['1', piece])),
  ...(scopes === undefined ? ['0'] : [String(scopes.length + 1), ...scopes.toSorted()]),
];

/** A tuple as a short text: 132 bits of its SHA-256. */
export const digest = (pieces: readonly string[]): string => digestOf(tuple(pieces));

/** A text as a short one: 132 bits of its SHA-256. */
export const digestOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);

/** How many digests are remembered at least, and of how long a text. */
const [LEAST_DIGESTS, LONGEST] = [10_000, 500];

/** Digests of tuples that come again and again. */
export class Digests {
  readonly #known = new Recent<string>(LEAST_DIGESTS);

  of(pieces: readonly string[]): string {
    const text = tuple(pieces);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const made = digestOf(text);
    if (text.length <= LONGEST) this.#known.set(text, made);
    return made;
  }
}
