import { z } from 'zod';
import { type Batches, nameOf } from '#contracts/kernel/index.js';
import { type Answer, type Headers, type Outcome, answered, failed } from './answer.js';
import { Call, type Layer, type Next } from './call.js';
import { Cancellation, type StopReason } from './cancellation.js';
import { received } from './checked.js';
import { type Endpoint, type Many, failureOf } from './endpoint.js';
import { Eventual, type Later } from './eventual.js';

/** After how many calls of one request that each went out alone it is worth a word. */
const ONE_BY_ONE = 3;

type Key = string | number;

/** One call that may go out with others, and what comes of it. */
class Member extends Eventual<Outcome> {
  constructor(
    readonly call: Call,
    readonly key: Key,
  ) {
    super();
  }
}

/** The calls of one request that wait for the next microtask, and how often one went out alone. */
export class Batching {
  readonly waiting = new Map<string, Member[]>();
  readonly alone = new Map<Endpoint, number>();
}

/** Who is told that a composition awaits calls one by one that could be made as one. */
export type OneByOne = (endpoint: Endpoint, reader: string, calls: number) => void;

/**
 * Makes the naive loop one call: calls of one request that are scheduled together and differ only in the batched field
 * go out as one call per chunk of keys. Entities are matched by key, never by position; a key that is missing from the
 * answer counts as the operation's `absent` error. Below here the operation is the batch's.
 */
export const batch = (oneByOne: OneByOne): Layer =>
  function batch(call, next) {
    const many = call.endpoint.batch;
    if (!many) return next(call);
    const key = call.input[many.terms.each];
    const rest = many.byKeyAlone ? NOTHING : besides(call.input, many.terms.each);
    if (!isKey(key) || (rest !== NOTHING && !carries(many.endpoint, rest))) return next(call);
    const { waiting } = call.scope.batching;
    const queue = rest === NOTHING ? call.endpoint.id : `${call.endpoint.id} ${equal(rest)}`;
    const member = new Member(call, key);
    const queued = waiting.get(queue);
    if (queued) queued.push(member);
    else {
      const members = [member];
      waiting.set(queue, members);
      queueMicrotask(() => {
        waiting.delete(queue);
        if (members.length === 1) single(member, next, oneByOne);
        else for (const chunk of chunks(members, many.terms.atMost)) together(chunk, call, many, rest, next);
      });
    }
    return member;
  };

const NOTHING: Readonly<Record<string, unknown>> = {};

function besides(input: Readonly<Record<string, unknown>>, each: string): Readonly<Record<string, unknown>> {
  const { [each]: _, ...rest } = input;
  return rest;
}

/** Whether a batch takes all that these fields say: what it has no field for would get lost. */
const carries = ({ operation }: Endpoint, rest: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(rest).every(([name, value]) => value === undefined || Object.hasOwn(operation.input.shape, name));

/** The same text for inputs that are equal on the wire, where an undefined field is none. */
function equal(input: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(input).filter(([, value]) => value !== undefined);
  return said.length === 0 ? '' : JSON.stringify(said.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The members in groups of no more than `atMost` keys; who asks for the same key stands together. */
function chunks(members: readonly Member[], atMost: number): readonly (readonly Member[])[] {
  if (members.length <= atMost) return [members];
  const byKey = [...Map.groupBy(members, ({ key }) => key).values()];
  return Array.from({ length: Math.ceil(byKey.length / atMost) }, (_, i) => byKey.slice(i * atMost, (i + 1) * atMost).flat());
}

/** One call alone needs no list. Going out alone again and again means that a loop awaits each call. */
function single(member: Member, next: Next, oneByOne: OneByOne): void {
  const { call } = member;
  const { endpoint, scope } = call;
  const times = (scope.batching.alone.get(endpoint) ?? 0) + 1;
  scope.batching.alone.set(endpoint, times);
  try {
    if (times === ONE_BY_ONE + 1) oneByOne(endpoint, scope.reader, times);
    member.follow(next(call));
  } catch (bug) {
    member.reject(bug);
  }
}

/** One call for many members, each of which then gets its own entity, or the failure that all share. */
function together(members: readonly Member[], opener: Call, many: Many, rest: Readonly<Record<string, unknown>>, next: Next): void {
  const { endpoint, terms } = many;
  const found = new Map<unknown, unknown>(members.map(({ key }) => [key, NOWHERE]));
  const ask = (): Outcome | Later => {
    const cancellation = untilAllLeave(members);
    const input = { ...rest, [terms.list]: [...found.keys()] };
    const outgoing = endpoint.write(input);
    if ('message' in outgoing) {
      const field = `input.${outgoing.path}`;
      return failed(failureOf(endpoint, 'contract', `${field}: ${outgoing.message}`, { fields: [field] }));
    }
    return next(new Call(endpoint, input, outgoing, opener.scope, undefined, cancellation));
  };
  const give = (outcome: Outcome): void => {
    const of = outcome.ok ? entities(outcome.answer, opener.endpoint, many, found) : () => outcome;
    for (const member of members) member.resolve(of(member.key));
  };
  const broken = (bug: unknown): void => {
    for (const member of members) member.reject(bug);
  };
  const shared = new Eventual<Outcome>();
  shared.after(give).after(ignore, broken); // whoever waits is told of a bug
  try {
    shared.follow(ask());
  } catch (bug) {
    shared.reject(bug);
  }
}

const ignore = (): void => undefined;

/** A batch is given up when the last of its members is. */
function untilAllLeave(members: readonly Member[]): Cancellation {
  const cancellation = new Cancellation();
  let left = members.length;
  const leaving = {
    stop(reason: StopReason): void {
      if (--left === 0) cancellation.cancel(reason);
    },
  };
  for (const { call } of members) call.cancellation.on(leaving);
  return cancellation;
}

/** In the place of an entity that the answer does not have. */
const NOWHERE = Symbol('nowhere');

/** Looks into a batch's answer: gives what it says of a key. `found` has the keys that were asked for, and takes their entities. */
function entities(answer: Answer, one: Endpoint, { endpoint, terms }: Many, found: Map<unknown, unknown>): (key: Key) => Outcome {
  const { at, by } = terms;
  const list = at === undefined ? answer.value : isObject(answer.value) ? answer.value[at] : undefined;
  if (!Array.isArray(list)) return () => unreadable(endpoint, at ?? '.');
  const { etag: _, 'last-modified': __, ...headers } = answer.headers; // they tell of the list, not of an entity
  // An entity that nobody asked for is harmless, but one whose key can't be read may be the very one that is missed.
  let readable = true;
  for (const entity of list as readonly unknown[]) {
    const key = isObject(entity) ? entity[by] : undefined;
    const before = found.get(key);
    if (before === NOWHERE) found.set(key, entity);
    else if (before === undefined) readable &&= mayBeKey(one, terms, key);
  }
  return (key) => {
    const entity = found.get(key);
    if (entity !== NOWHERE) return answered(received(answer.status, headers, entity));
    return readable ? absent(one, headers) : unreadable(endpoint, at === undefined ? by : `${at}.${by}`);
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isKey = (value: unknown): value is Key => typeof value === 'string' || typeof value === 'number';

/** Whether a value is one that the single operation takes as a key. */
function mayBeKey({ operation }: Endpoint, { each }: Batches, value: unknown): boolean {
  const fields: z.core.$ZodShape = operation.input.shape;
  const schema = fields[each];
  return isKey(value) && schema !== undefined && z.safeParse(schema, value).success;
}

function unreadable(many: Endpoint, field: string): Outcome {
  const message = `${nameOf(many.operation)} broke its contract at ${field}: expected a key to match by`;
  return failed(failureOf(many, 'contract', message, { fields: [field] }));
}

function absent(one: Endpoint, headers: Headers): Outcome {
  const { absent: error, errors } = one.operation;
  const status = error === undefined ? undefined : errors[error];
  return failed(failureOf(one, 'declared', 'the product knows no such key', { error, status }), headers);
}
