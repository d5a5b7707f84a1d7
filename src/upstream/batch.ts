import { type Answer, type Outcome, answered, failed } from './answer.js';
import { Call, type Layer, type Next } from './call.js';
import { Cancellation } from './cancellation.js';
import { type Endpoint, failureOf } from './endpoint.js';

/** After how many calls of one request that each went out alone it is worth a word. */
const ONE_BY_ONE = 3;

interface Member {
  readonly call: Call;
  readonly key: unknown;
  readonly settle: (outcome: Outcome | Promise<Outcome>) => void;
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
 * go out as one call per chunk. Entities are matched by key, never by position; a key that is missing from the answer
 * counts as the operation's `absent` error. Below here the operation is the batch's.
 */
export const batch = (oneByOne: OneByOne): Layer =>
  function batch(call, next) {
    const many = call.endpoint.batch;
    if (!many) return next(call);
    const { batching } = call.scope;
    const { [many.terms.each]: key, ...rest } = call.input;
    const queue = `${call.endpoint.id} ${JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
    return new Promise<Outcome>((settle) => {
      const member = { call, key, settle };
      const members = batching.waiting.get(queue);
      if (members) {
        members.push(member);
        return;
      }
      batching.waiting.set(queue, [member]);
      queueMicrotask(() => {
        const closed = batching.waiting.get(queue) ?? [];
        batching.waiting.delete(queue);
        if (closed.length === 1) single(member, next, oneByOne);
        else for (let i = 0; i < closed.length; i += many.terms.atMost) chunk(closed.slice(i, i + many.terms.atMost), rest, next);
      });
    });
  };

/** One call alone needs no list. Going out alone again and again means that a loop awaits each call. */
function single({ call, settle }: Member, next: Next, oneByOne: OneByOne): void {
  const { endpoint, scope } = call;
  const times = (scope.batching.alone.get(endpoint) ?? 0) + 1;
  scope.batching.alone.set(endpoint, times);
  if (times === ONE_BY_ONE + 1) oneByOne(endpoint, scope.reader, times);
  settleWith(
    [{ call, key: undefined, settle }],
    () => next(call),
    (outcome) => [outcome],
  );
}

function chunk(members: readonly Member[], rest: Readonly<Record<string, unknown>>, next: Next): void {
  const [first] = members;
  const many = first?.call.endpoint.batch;
  if (!first || !many) return;
  const { terms, endpoint } = many;
  const input = { ...rest, [terms.list]: [...new Set(members.map((member) => member.key))] };
  const outgoing = endpoint.write(input);
  if ('message' in outgoing) {
    for (const { call, settle } of members)
      settle(failed(failureOf(call.endpoint, 'contract', `${outgoing.path}: ${outgoing.message}`, { fields: [outgoing.path] })));
    return;
  }
  const cancellation = untilAllLeave(members);
  const call = new Call(endpoint, input, outgoing, first.call.scope, undefined, cancellation);
  settleWith(
    members,
    () => next(call),
    (outcome) => {
      if (!outcome.ok) return members.map(() => outcome);
      const entities = byKey(outcome.answer, terms.at, terms.by);
      return members.map((member) => entityOf(member, entities, outcome.answer, endpoint));
    },
  );
}

/** Gives each member its outcome; what is thrown is a bug, and each member's too. */
function settleWith(
  members: readonly Member[],
  call: () => Outcome | Promise<Outcome>,
  each: (outcome: Outcome) => readonly Outcome[],
): void {
  const settled = new Promise<Outcome>((resolve) => resolve(call())).then(each);
  members.forEach((member, i) => {
    member.settle(
      settled.then((outcomes) => outcomes[i] ?? Promise.reject(new RangeError('a batch gave fewer outcomes than it has members'))),
    );
  });
}

/** A batch is given up when the last of its members is. */
function untilAllLeave(members: readonly Member[]): Cancellation {
  const cancellation = new Cancellation();
  let left = members.length;
  for (const { call } of members)
    call.cancellation.on((reason) => {
      if (--left === 0) cancellation.cancel(reason);
    });
  return cancellation;
}

interface Entities {
  readonly found: ReadonlyMap<unknown, unknown>;
  /** Where an entity's key can't be read: a key that is not found may then be one of those, and is no answer. */
  readonly broken: string | undefined;
}

function byKey(answer: Answer, at: string | undefined, by: string): Entities {
  const list = at === undefined ? answer.value : isObject(answer.value) ? answer.value[at] : undefined;
  const found = new Map<unknown, unknown>();
  if (!Array.isArray(list)) return { found, broken: at ?? '.' };
  let broken: string | undefined;
  for (const entity of list as readonly unknown[]) {
    const key = isObject(entity) ? entity[by] : undefined;
    if (typeof key !== 'string' && typeof key !== 'number') broken = at === undefined ? by : `${at}.${by}`;
    else if (!found.has(key)) found.set(key, entity);
  }
  return { found, broken };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

function entityOf({ call, key }: Member, { found, broken }: Entities, from: Answer, many: Endpoint): Outcome {
  const entity = found.get(key);
  if (entity !== undefined) return answered({ status: from.status, headers: from.headers, value: entity });
  if (broken !== undefined) {
    return failed(
      failureOf(
        many,
        'contract',
        `${many.operation.product} v${many.operation.version} ${many.operation.name} broke its contract at ${broken}: expected a key to match by`,
        { fields: [broken] },
      ),
    );
  }
  const { absent, errors } = call.endpoint.operation;
  return failed(
    failureOf(call.endpoint, 'declared', 'the product knows no such key', {
      error: absent,
      status: absent === undefined ? undefined : errors[absent],
    }),
  );
}
