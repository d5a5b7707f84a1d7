import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type AnyPart, type PartStates, type Wire, readInput } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import type { Composition } from '../composition/composition.js';
import type { Prepared } from '../composition/prepare.js';
import { type PartTiming, run } from '../composition/run.js';
import type { Snapshot } from '../policy/snapshot.js';
import { Call, type Next } from '../upstream/call.js';
import type { Endpoint } from '../upstream/endpoint.js';
import { framingFault } from './framing.js';
import { Inbound } from './inbound.js';
import { type Category, type ProblemTerms, type Response, bug, declared, failed, invalid, problem } from './problems.js';
import { etagOf, respond, respondOn } from './respond.js';
import { type Trace, traceOf } from './trace.js';

/** One request, as metrics and logs know it. */
export interface Asked extends Trace {
  readonly route: string;
  readonly consumer: string;
}

/** How a request ended. */
export interface Ended {
  readonly status: number;
  readonly category: Category;
  /** From the request's head to its answer. */
  readonly ms: number;
  /** What became of the parts, where some were called. */
  readonly parts: PartStates | undefined;
  /** What was thrown, where that was a mistake of ours. */
  readonly error: unknown;
}

/** Who is told how each request ended. */
export interface EdgeObserver {
  begins(): void;
  ends(asked: Asked, ended: Ended): void;
}

/** What the edge stands on. */
export interface EdgeTerms {
  readonly clock: Clock;
  readonly snapshot: () => Snapshot;
  readonly call: Next;
  readonly observer: EdgeObserver;
  /** Whether answers say how long each part took. */
  readonly serverTiming: boolean;
  /** The consumers that have a contract, by name: others are `anonymous` in metrics and logs. */
  readonly consumers: ReadonlySet<string>;
}

/** What was worked out for an answer, with what the log and the headers tell of it. */
interface Worked {
  readonly response: Response;
  readonly timings?: readonly PartTiming[];
  readonly parts?: PartStates;
  readonly error?: unknown;
}

/** A route that is ready to be answered: a composition, or one operation of a product. */
export type Answerable = { readonly name: string; readonly wire: Wire; readonly input: z.ZodObject } & (
  | { readonly prepared: Prepared }
  | { readonly endpoint: Endpoint; readonly whole: AnyPart }
);

/**
 * The way of one request, in order:
 *
 *   framing     one Host, no body where none is read            ─▶ 400, connection closed (in `server`, before a body is read)
 *   read input  path, query, headers, body, by the contract     ─▶ 400 with every issue
 *   compose     the parts, joined; or one call, for a product's own route
 *   reply       envelope, headers, 304
 *
 * Whatever is thrown on the way is a mistake of ours: 500, and a log line with the stack.
 */
export class Edge {
  /** Connections that are being closed because of what came on them: it has been said, once. */
  readonly #hungUp = new WeakSet<Socket>();

  constructor(readonly terms: EdgeTerms) {}

  /** Answers one request. It never rejects and always answers, unless the caller has left. */
  async answer(route: Answerable, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const inbound = this.#inbound(route.name, request, reply);
    this.terms.observer.begins();
    reply.raw.once('close', () => this.#left(inbound));
    try {
      this.#reply(inbound, await this.#work(route, inbound));
    } catch (error) {
      this.#reply(inbound, { response: bug(inbound.traceId), error });
    }
  }

  /**
   * Whether a request may be read at all. Not where it is framed wrongly, nor where it follows such a one on its connection:
   * what two readers may split differently is not read further.
   */
  admits(request: FastifyRequest, reply: FastifyReply): boolean {
    const { socket } = request.raw;
    if (this.#hungUp.has(socket)) return false;
    const fault = framingFault(request);
    if (!fault) return true;
    this.refuse(request, reply, (traceId) => problem(traceId, fault));
    this.#hungUp.add(socket);
    return false;
  }

  /** Answers a request that no route takes. */
  refuse(request: FastifyRequest, reply: FastifyReply, make: (traceId: string) => Response, error?: unknown): void {
    const inbound = this.#inbound('unmatched', request, reply);
    this.terms.observer.begins();
    if (reply.raw.destroyed) this.#left(inbound);
    else this.#reply(inbound, { response: make(inbound.traceId), error });
  }

  /** Answers with a problem on a connection that brought no request that can be read, and closes it. */
  hangUp(socket: Socket, terms: ProblemTerms): void {
    const { observer } = this.terms;
    const trace = traceOf({});
    const response = problem(trace.traceId, terms);
    this.#hungUp.add(socket);
    observer.begins();
    respondOn(socket, trace, response);
    const { status, category } = response;
    observer.ends({ ...trace, route: 'unmatched', consumer: 'anonymous' }, { status, category, ms: 0, parts: undefined, error: undefined });
  }

  #inbound(route: string, request: FastifyRequest, reply: FastifyReply): Inbound {
    return new Inbound(route, this.terms.consumers, request, reply, this.terms.clock.now());
  }

  async #work(route: Answerable, inbound: Inbound): Promise<Worked> {
    const { request, traceId } = inbound;
    // The router gives texts, the query parser texts or lists of them: Fastify's types leave both open.
    /* oxlint-disable typescript/no-unsafe-type-assertion */
    const read = readInput(route.wire, route.input, {
      params: request.params as Readonly<Record<string, string>>,
      query: request.query as Readonly<Record<string, string | string[]>>,
      headers: request.headers,
      body: request.body,
    });
    /* oxlint-enable typescript/no-unsafe-type-assertion */
    if (!read.ok) return { response: invalid(traceId, read.issues) };
    return 'prepared' in route
      ? this.#compose(route.prepared, read.input, inbound)
      : this.#relay(route.endpoint, route.whole, read.input, inbound);
  }

  async #compose(prepared: Prepared, input: unknown, inbound: Inbound): Promise<Worked> {
    const { clock, call, snapshot } = this.terms;
    const { traceId } = inbound;
    const policy = snapshot();
    const scope = inbound.scope(policy, policy.route(inbound.route).fanOut, inbound.route);
    const { composed, timings } = await run(prepared, input, scope, call, clock);
    switch (composed.kind) {
      case 'answer':
        return { response: envelope(composed, prepared.composition), timings, parts: composed.parts };
      case 'declared':
        return { response: declared(traceId, composed.error, composed.status), timings };
      case 'failure':
        return {
          response: failed(traceId, composed.failure, composed.part),
          timings,
          parts: { [composed.part]: { state: 'failed', reason: composed.failure.kind, product: composed.failure.product } },
        };
      case 'bug':
        return { response: bug(traceId), timings, error: composed.error };
    }
  }

  /** A product's own route: one call, the product's own body, pruned to its contract. */
  async #relay(endpoint: Endpoint, whole: AnyPart, input: Readonly<Record<string, unknown>>, inbound: Inbound): Promise<Worked> {
    const { clock, call, snapshot } = this.terms;
    const { traceId } = inbound;
    const outgoing = endpoint.write(input);
    if ('message' in outgoing) return { response: invalid(traceId, [outgoing]) };
    const policy = snapshot();
    const began = clock.now();
    const outcome = await call(
      new Call(endpoint, input, outgoing, inbound.scope(policy, 1, inbound.consumer), whole, inbound.cancellation),
    );
    const timings = [{ part: endpoint.operation.product, ms: clock.now() - began }];
    if (!outcome.ok) return { response: failed(traceId, outcome.failure), timings };
    const body = outcome.value === undefined ? '' : JSON.stringify(outcome.value);
    const status = body === '' ? 204 : outcome.answer.status;
    return {
      response: success(
        status,
        'success_complete',
        body,
        cacheControl([endpoint.operation.dependsOn]),
        {},
        endpoint.operation.wire.method === 'get',
      ),
      timings,
    };
  }

  #reply(inbound: Inbound, { response, timings, parts, error }: Worked): void {
    const { clock, observer, serverTiming } = this.terms;
    if (inbound.answered) return;
    const ms = clock.now() - inbound.began;
    if (serverTiming && timings)
      inbound.reply.header(
        'server-timing',
        [...timings.map(({ part, ms }) => `${part};dur=${ms.toFixed(1)}`), `total;dur=${ms.toFixed(1)}`].join(', '),
      );
    const category = respond(inbound, response);
    observer.ends(inbound, { status: inbound.reply.statusCode, category, ms, parts, error });
  }

  /** The connection has closed. Where no answer was sent, the caller left: nobody needs the calls under way. */
  #left(inbound: Inbound): void {
    if (inbound.answered) return;
    inbound.answered = true;
    inbound.cancellation.cancel('cancelled');
    this.terms.observer.ends(inbound, {
      status: 499,
      category: 'failure_caller_cancelled',
      ms: this.terms.clock.now() - inbound.began,
      parts: undefined,
      error: undefined,
    });
  }
}

/** The envelope of a composed answer. Incomplete ones are stored by nobody. */
function envelope(
  { data, complete, parts }: { readonly data: unknown; readonly complete: boolean; readonly parts: PartStates },
  { route, uses }: Composition,
): Response {
  const body = JSON.stringify({ data, complete, parts });
  const control = complete ? cacheControl(Object.values(uses).map(({ operation }) => operation.dependsOn)) : 'no-store';
  return success(
    200,
    complete ? 'success_complete' : 'success_incomplete',
    body,
    control,
    { 'gateway-complete': complete ? '?1' : '?0' },
    complete && route.wire.method === 'get',
  );
}

function success(
  status: number,
  category: Category,
  body: string,
  control: string,
  headers: Readonly<Record<string, string>>,
  validator: boolean,
): Response {
  return {
    status,
    category,
    type: 'application/json; charset=utf-8',
    body,
    headers: { 'cache-control': control, ...(validator && body !== '' ? { etag: etagOf(body) } : {}), ...headers },
  };
}

/** The strictest part wins: what depends on a caller is private. Nothing is fresh without being asked for, so far. */
const cacheControl = (dependsOn: readonly string[]): string =>
  dependsOn.every((on) => on === 'public') ? 'no-cache' : 'private, no-cache';
