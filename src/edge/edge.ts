import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type PartStates, readInput } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import type { Snapshot } from '../policy/snapshot.js';
import type { Next } from '../upstream/call.js';
import { uncaught } from '../uncaught.js';
import { onceThere } from '../upstream/eventual.js';
import type { Answerable, PassedThrough, Worked } from './answerable.js';
import { compose } from './compose.js';
import { Cors } from './cors.js';
import { framingFault } from './framing.js';
import type { Gate } from './gate.js';
import type { Handed } from './hand.js';
import { Inbound } from './inbound.js';
import { type Category, type ProblemTerms, type Response, bug, invalid, problem } from './problems.js';
import { relay } from './relay.js';
import { respond, respondOn } from './respond.js';
import type { RouteCache } from './route-cache.js';
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
  readonly routeCache: RouteCache;
  readonly gate: Gate;
  readonly observer: EdgeObserver;
  /** Whether the process takes no more work: answers then close their connections. */
  readonly draining: () => boolean;
  /** Whether answers say how long each part took. */
  readonly serverTiming: boolean;
}

/**
 * The way of one request, in order:
 *
 *   at its head, before a body is read (`Gate.atHead`; health is let through):
 *     shed        too much in flight, too late, too little memory   ─▶ 503 with Retry-After
 *     limit       by address                                        ─▶ 429 with Retry-After
 *     hops        come through here too often                       ─▶ 508
 *     framing     one Host, no body where none is read              ─▶ 400; the connection is closed, after the others too
 *   at its route, before anything of its input is looked at (`Gate.atRoute`):
 *     authenticate  who calls, by key or token                      ─▶ 401; 503 where no keys could be had
 *     authorize   whether that one may, by the route's access       ─▶ 401, 403
 *     limit       by caller and route                               ─▶ 429 with Retry-After; RateLimit on every answer
 *   its answer:
 *     read input  path, query, headers, body, by the contract       ─▶ 400 with every issue
 *     route cache what is kept of a composed route goes out as it is
 *     compose     the parts, joined; or one call, for a product's own route
 *     reply       envelope, headers, 304; sent with the others that are ready (`send`)
 *
 * Whatever is thrown on the way is a mistake of ours: 500, and a log line with the stack.
 */
export class Edge {
  /** Connections that are being closed because of what came on them: it has been said, once. */
  readonly #hungUp = new WeakSet<Socket>();

  /** Which pages may read answers. */
  readonly cors: Cors;

  constructor(readonly terms: EdgeTerms) {
    this.cors = new Cors(() => terms.gate.terms.config().cors);
  }

  /** Answers one request, now or later: it always does, unless the caller has left. Nobody else answers it. */
  answer(route: Answerable | PassedThrough, request: FastifyRequest, reply: FastifyReply): void {
    const inbound = this.#inbound(route.name, request, reply);
    const { gate, snapshot } = this.terms;
    this.#begins();
    if (reply.raw.destroyed) return this.#left(inbound);
    try {
      const policy = snapshot();
      const decided = gate.atRoute(inbound, policy.route(route.name));
      const worked =
        decided instanceof Promise
          ? decided.then((refusal) => this.#decided(route, inbound, policy, refusal))
          : this.#decided(route, inbound, policy, decided);
      if ('then' in worked) this.#later(inbound, worked);
      else this.#reply(inbound, worked);
    } catch (error) {
      this.#mistake(inbound, error);
    }
  }

  #later(inbound: Inbound, worked: PromiseLike<Worked>): void {
    inbound.reply.raw.once('close', () => this.#left(inbound));
    const come = (answer: Worked): void => {
      try {
        this.#reply(inbound, answer);
      } catch (error) {
        this.#mistake(inbound, error);
      }
    };
    const broken = (error: unknown): void => this.#mistake(inbound, error);
    void onceThere(worked, come, broken);
  }

  /** What was thrown is told to those who look after the gateway; if not even that can be, to the process. */
  #mistake(inbound: Inbound, error: unknown): void {
    try {
      this.#reply(inbound, { response: bug(inbound.traceId), error });
    } catch (other) {
      uncaught(other);
    }
  }

  /**
   * Has a request read that may be read at all, `admitted`, mostly at once; one that may not is answered. Nothing is read that
   * follows a wrongly framed one on its connection: two readers may split it differently.
   */
  admits(request: FastifyRequest, reply: FastifyReply, admitted: () => void): void {
    const { socket } = request.raw;
    if (this.#hungUp.has(socket)) return;
    this.cors.answer(request, reply);
    const fault = framingFault(request);
    const decided = this.terms.gate.atHead(request);
    const decide = (refusal: ProblemTerms | undefined): void => {
      if (refusal) this.#refuse(request, reply, (traceId) => problem(traceId, refusal));
      else admitted();
    };
    if (fault) {
      reply.header('connection', 'close');
      decide(decided instanceof Promise ? fault : (decided ?? fault)); // what follows on the connection waits for nobody
      this.#hungUp.add(socket);
    } else if (decided instanceof Promise) void decided.then(decide);
    else decide(decided);
  }

  /** Answers a request that no route takes; not one whose connection is being closed: it has been said why. */
  refuse(request: FastifyRequest, reply: FastifyReply, make: (traceId: string) => Response, error?: unknown): void {
    if (!this.#hungUp.has(request.raw.socket)) this.#refuse(request, reply, make, error);
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, make: (traceId: string) => Response, error?: unknown): void {
    const inbound = this.#inbound('unmatched', request, reply);
    this.#begins();
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

  /** From here on the edge answers, now or later: Fastify waits for nothing. */
  #inbound(route: string, request: FastifyRequest, reply: FastifyReply): Inbound {
    reply.hijack();
    return new Inbound(route, request, reply, this.terms.clock.now());
  }

  #decided(
    route: Answerable | PassedThrough,
    inbound: Inbound,
    policy: Snapshot,
    refusal: ProblemTerms | undefined,
  ): Worked | PromiseLike<Worked> {
    return refusal ? { response: problem(inbound.traceId, refusal) } : this.#work(route, inbound, policy);
  }

  #work(route: Answerable | PassedThrough, inbound: Inbound, policy: Snapshot): Worked | PromiseLike<Worked> {
    if ('pass' in route) return passed(route.pass(inbound, policy));
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
      ? compose(this.terms, route.prepared, read.input, inbound, policy)
      : relay(this.terms, route, read.input, inbound, policy);
  }

  #reply(inbound: Inbound, { response, timings, parts, error }: Worked): void {
    const { clock, draining, serverTiming } = this.terms;
    if (inbound.answered) return;
    const ms = clock.now() - inbound.began;
    if (serverTiming && timings)
      inbound.reply.header(
        'server-timing',
        [...timings().map(({ part, ms }) => `${part};dur=${ms.toFixed(1)}`), `total;dur=${ms.toFixed(1)}`].join(', '),
      );
    const category = respond(inbound, response, draining());
    this.#ends(inbound, { status: inbound.reply.statusCode, category, ms, parts, error });
  }

  #begins(): void {
    const { gate, observer } = this.terms;
    gate.load.inFlight++;
    observer.begins();
  }

  #ends(inbound: Inbound, ended: Ended): void {
    const { gate, observer } = this.terms;
    gate.load.inFlight--;
    observer.ends(inbound, ended);
  }

  /** The connection has closed. Where no answer was sent, the caller left: nobody needs the calls under way. */
  #left(inbound: Inbound): void {
    if (inbound.answered) return;
    inbound.answered = true;
    inbound.cancellation.cancel('cancelled');
    this.#ends(inbound, {
      status: 499,
      category: 'failure_caller_cancelled',
      ms: this.terms.clock.now() - inbound.began,
      parts: undefined,
      error: undefined,
    });
  }
}

function passed(response: Response | Handed | PromiseLike<Response | Handed>): Worked | PromiseLike<Worked> {
  if ('status' in response) return { response };
  return onceThere(response, (come) => ({ response: come }));
}
