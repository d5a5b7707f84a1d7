import { create } from 'axios';
import { z } from 'zod';
import { type AnyOperation, type FailureKind, operation, product } from '#contracts/kernel/index.js';
import type { Timer } from '../../src/clock.js';
import type { Composition } from '../../src/composition/composition.js';
import { inputChecks, prepare } from '../../src/composition/prepare.js';
import { type Composed, run } from '../../src/composition/run.js';
import { type PartTiming, timingsOf } from '../../src/composition/tally.js';
import { Snapshot } from '../../src/policy/snapshot.js';
import { Batching } from '../../src/upstream/batch.js';
import type { Call, Identity, Next, Scope } from '../../src/upstream/call.js';
import { Cancellation, type StopReason } from '../../src/upstream/cancellation.js';
import { Attempt } from '../../src/upstream/deadline.js';
import type { Transport, Transported } from '../../src/upstream/decode.js';
import { endpoints, failureOf } from '../../src/upstream/endpoint.js';
import { stack } from '../../src/upstream/stack.js';
import { Target } from '../../src/upstream/target.js';
import { calmOperation, calmRoute } from '../calm-policy.js';
import { layerState } from '../layer-state.js';
import { type HandClock, handClock } from '../hand-clock.js';

const Thing = z.object({ id: z.string(), value: z.number(), note: z.string() });
const errors = { thingNotFound: 404, thingGone: 410 } as const;

/** A product that knows things, by one and by many. */
export const source = (name: string) =>
  product(name, 1, {
    get: operation({
      get: '/things/{id}',
      input: z.object({ id: z.string().regex(/^t-\d+$/) }),
      output: Thing,
      errors,
      absent: 'thingNotFound',
    }),
    list: operation({
      get: '/things',
      input: z.object({ ids: z.array(z.string()) }),
      output: z.object({ things: z.array(Thing) }),
      batches: { one: 'get', each: 'id', list: 'ids', at: 'things', by: 'id', atMost: 100 },
    }),
    find: operation({ get: '/names/{name}', input: z.object({ name: z.string() }), output: Thing, errors, absent: 'thingNotFound' }),
    make: operation({ post: '/things', input: z.object({ name: z.string() }), output: Thing }),
  });

/** The thing that every product has under an id: its value is the id's number. */
export const thing = (id: unknown) => ({ id: String(id), value: Number(/\d+$/.exec(String(id))?.[0] ?? 0), note: `about ${String(id)}` });

/** What a product says to a call: at once where no time is named, never where it hangs. */
export interface Said {
  readonly afterMs?: number;
  readonly hangs?: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** It says nothing: the exchange itself fails so. */
  readonly kind?: FailureKind;
}

/** What a run came to, and when. */
export interface Ran {
  readonly composed: Composed;
  readonly timings: readonly PartTiming[];
  readonly at: number;
}

export interface StageTerms {
  /** What products say, by `product.operation`; the thing that was asked for where nothing is named. */
  readonly says?: Readonly<Record<string, Said | ((call: Call) => Said)>>;
  readonly deadlineMs?: number;
  readonly routeDeadlineMs?: number;
  readonly fanOut?: number;
  /** What stands in the place of the whole stack. */
  readonly next?: Next;
}

/** A composition on the real stack, with a clock moved by hand and products that say what they are told, without sockets. */
export class Stage {
  readonly clock: HandClock = handClock();
  /** Every exchange that was begun. */
  readonly sent: Call[] = [];
  /** Every exchange that was stopped before it was answered. */
  readonly stopped: (readonly [operation: string, reason: StopReason])[] = [];
  readonly cancellation = new Cancellation();
  readonly scope: Scope;
  readonly #run: (input: unknown) => ReturnType<typeof run>;

  constructor(
    composition: Composition,
    products: readonly Readonly<Record<string, AnyOperation>>[],
    readonly terms: StageTerms = {},
    identity: Identity = { consumer: undefined, user: undefined },
  ) {
    const operations = products.flatMap((product) => Object.values(product));
    const nowhere = new Target({ urls: [], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });
    const prepared = prepare(
      composition,
      endpoints(operations, () => nowhere),
      inputChecks(),
    );
    const { deadlineMs = 500, routeDeadlineMs = 2000, fanOut = 50 } = terms;
    this.scope = {
      serial: 1,
      requestId: 'r-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
      identity,
      reader: composition.route.line,
      snapshot: new Snapshot(
        '1',
        operations.map(() => calmOperation(deadlineMs)),
        new Map([[composition.route.line, calmRoute(routeDeadlineMs, fanOut)]]),
      ),
      cancellation: this.cancellation,
      deadlineAt: routeDeadlineMs,
      budget: { spent: 0, limit: fanOut },
      passage: {},
      batching: new Batching(),
    };
    const next =
      terms.next ??
      stack({
        clock: this.clock,
        random: () => 0.5,
        state: layerState(this.clock),
        http: create(),
        observer: { part: () => undefined },
        meter: { begins: () => undefined, ends: () => undefined },
        oneByOne: () => undefined,
        transport: this.#transport,
      });
    this.#run = (input) => run(prepared, input, this.scope, next, this.clock);
  }

  /** The operations that were called, in order, by product and name. */
  get called(): readonly string[] {
    return this.sent.map(nameOf);
  }

  /** Runs the composition once. */
  async run(input: unknown = { id: 't-1' }): Promise<Ran> {
    const { composed, parts } = await this.#run(input);
    return { composed, timings: timingsOf(parts), at: this.clock.now() };
  }

  /** Runs it to its end, moving the clock a millisecond whenever nothing else can happen. */
  async play(input?: unknown): Promise<Ran> {
    const ended: Ran[] = [];
    const running = this.run(input);
    void running.then((ran) => ended.push(ran));
    await drained();
    for (let ms = 0; ended.length === 0 && ms < 10_000; ms++) {
      this.clock.advance(1);
      await drained();
    }
    return running;
  }

  readonly #transport: Transport = (call) =>
    new Promise<Transported>((resolve) => {
      const { cancellation, endpoint } = call;
      let timer: Timer | undefined;
      const answering = {
        stop: (reason: StopReason): void => {
          timer?.cancel();
          this.stopped.push([nameOf(call), reason]);
          resolve({ ok: false, failure: failureOf(endpoint, reason, `was stopped: ${reason}`) });
        },
      };
      if (cancellation.reason !== undefined) return answering.stop(cancellation.reason);
      this.sent.push(call);
      if (cancellation instanceof Attempt) cancellation.sent = true;
      const script = this.terms.says?.[nameOf(call)] ?? {};
      const said = typeof script === 'function' ? script(call) : script;
      cancellation.on(answering);
      const end = (): void => {
        cancellation.off(answering);
        resolve(transported(call, said));
      };
      if (said.hangs) return;
      if (said.afterMs === undefined) end();
      else timer = this.clock.after(said.afterMs, end);
    });
}

const nameOf = ({ endpoint: { operation } }: Call): string => `${operation.product}.${operation.name}`;

function transported({ endpoint, input }: Call, said: Said): Transported {
  if (said.kind !== undefined) return { ok: false, failure: failureOf(endpoint, said.kind, `it was ${said.kind}`) };
  const known = Array.isArray(input['ids']) ? { things: input['ids'].map(thing) } : thing(input['id'] ?? input['name']);
  const body = Buffer.from(JSON.stringify('body' in said ? said.body : known));
  return { ok: true, reply: { status: said.status ?? 200, headers: said.headers ?? {}, body } };
}

/** Resolves when every microtask that is due has run: whatever can come without time passing has come. */
export const drained = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Collects the rejections that nobody handled while it is open. */
export class Unhandled implements Disposable {
  readonly reasons: unknown[] = [];
  readonly #note = (reason: unknown): unknown => this.reasons.push(reason);

  constructor() {
    process.on('unhandledRejection', this.#note);
  }

  [Symbol.dispose](): void {
    process.off('unhandledRejection', this.#note);
  }
}
