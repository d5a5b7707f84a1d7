import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock.js';
import { rateLimitFields } from '../limits/fields.js';
import { type Admission, Gcra, type Rate } from '../limits/gcra.js';
import type { Limiter } from '../limits/limiter.js';
import type { GatewayConfig } from '../policy/schema.js';
import type { LimitPolicy, RoutePolicy } from '../policy/snapshot.js';
import type { Identity } from '../upstream/call.js';
import { tuple } from '../upstream/key.js';
import { callerAddress } from './address.js';
import { forbids } from './authorize.js';
import { timesThrough } from './hops.js';
import type { Inbound } from './inbound.js';
import { Load, type Overload } from './load.js';
import type { ProblemTerms } from './problems.js';
import type { Pulse } from './pulse.js';

/** What the gate stands on. */
export interface GateTerms {
  readonly clock: Clock;
  /** What `gateway.yaml` says of the edge, asked at each request: what is reloaded holds from the next one on. */
  readonly config: () => GatewayConfig['edge'];
  /** Decides for each caller of a route. */
  readonly limiter: Limiter;
  /** Counts the requests of each address together with the other workers of this machine. Undefined: there are none. */
  readonly addresses?: Limiter | undefined;
  readonly pulse: Pulse;
  /** Proves who calls; or says why that can't be believed. */
  readonly authenticate: Authenticate;
  /** Told who calls what, of those that may. */
  readonly uses: (route: string, consumer: string) => void;
}

/** Proves who sends a request, by the credentials that it bears; at once, where nothing has to be asked for. */
export type Authenticate = (request: FastifyRequest) => Identity | ProblemTerms | Promise<Identity | ProblemTerms>;

/** Why a request is not let in; undefined where it is. */
type Decision = ProblemTerms | undefined;

/** How many addresses are remembered at a time. */
const MOST_ADDRESSES = 100_000;

/** Whether the process lives, and whether it takes work, is said however much work there is: exactly so spelled. */
const HEALTH: ReadonlySet<string> = new Set(['/health/live', '/health/ready']);

/** Says of each request, before anything is done for it, whether it is let in; or why not. */
export class Gate {
  readonly load: Load;
  readonly #addresses = new Gcra(MOST_ADDRESSES);

  constructor(readonly terms: GateTerms) {
    this.load = new Load(terms.clock, terms.pulse);
  }

  /** What there is too much of for one more request: readiness says so too. */
  get overload(): Overload | undefined {
    return this.load.overload(this.terms.config().shed);
  }

  /** At the head of a request, when nothing of its body or of who it says it comes from has been looked at. */
  atHead(request: FastifyRequest): Decision | Promise<Decision> {
    if (HEALTH.has(request.url)) return undefined;
    const refused = this.#shed() ?? this.#limitAddress(request);
    return refused instanceof Promise ? refused.then((found) => found ?? this.#circle(request)) : (refused ?? this.#circle(request));
  }

  /**
   * Once its route is known and its body has come, before either is looked at: who calls, whether that one may, and whether
   * it may now. Each answer of a limited route says what is left of the limit, however it ends.
   */
  atRoute(inbound: Inbound, policy: RoutePolicy): Decision | Promise<Decision> {
    // Others were let in while its body came; it is one of those in flight by now.
    if (this.load.inFlight > this.terms.config().shed.inFlight) return shed('requests');
    const found = policy.access.unseen ? inbound.identity : this.terms.authenticate(inbound.request);
    return found instanceof Promise
      ? found.then((identity) => this.#known(inbound, policy, identity))
      : this.#known(inbound, policy, found);
  }

  #known(inbound: Inbound, { access, limit: rate }: RoutePolicy, found: Identity | ProblemTerms): Decision | Promise<Decision> {
    if ('status' in found) return found;
    inbound.identity = found;
    const forbidden = forbids(access, found);
    if (forbidden) return forbidden;
    this.terms.uses(inbound.route, inbound.consumer);
    if (rate.perSecond === Infinity) return undefined;
    const key = tuple([inbound.route, ...this.#callerOf(inbound)]);
    const admission = this.terms.limiter.admit(key, rate);
    return admission instanceof Promise
      ? admission.then((decided) => this.#limited(inbound, rate, decided))
      : this.#limited(inbound, rate, admission);
  }

  #shed(): ProblemTerms | undefined {
    const { overload } = this;
    return overload && shed(overload);
  }

  #limitAddress(request: FastifyRequest): Decision | Promise<Decision> {
    const { addresses, clock } = this.terms;
    const { rate: perSecond, burst } = this.terms.config().limit;
    if (perSecond === Infinity) return undefined;
    const rate = { perSecond, burst };
    const address = this.#addressOf(request);
    const here = this.#addresses.admit(address, rate, clock.now());
    // What is too much for one worker is too much for all: a flood asks nobody else.
    const admission = here.admitted && addresses ? addresses.admit(address, rate) : here;
    return admission instanceof Promise ? admission.then((all) => tooMany(rate, all)) : tooMany(rate, admission);
  }

  #circle({ headers }: FastifyRequest): ProblemTerms | undefined {
    if (headers['cdn-loop'] === undefined) return undefined;
    const times = timesThrough(headers);
    if (times <= this.terms.config().hops) return undefined;
    return {
      status: 508,
      code: 'loop',
      category: 'failure_caller_loop',
      title: 'The request goes round in a circle',
      detail: `it has come through this gateway ${times} times before; a product that it reaches calls back`,
    };
  }

  /** A consumer counts as one, wherever it calls from; callers that nobody knows count by their addresses. */
  #callerOf({ identity, request }: Inbound): readonly [kind: string, who: string] {
    return identity.consumer === undefined ? ['address', this.#addressOf(request)] : ['consumer', identity.consumer];
  }

  #addressOf({ raw, headers }: FastifyRequest): string {
    return callerAddress(raw.socket.remoteAddress, headers['x-forwarded-for'], this.terms.config().trustedHops);
  }

  #limited({ reply }: Inbound, rate: LimitPolicy, admission: Admission): ProblemTerms | undefined {
    reply.headers(rateLimitFields('route', rate, admission));
    return admission.admitted ? undefined : limited(admission);
  }
}

const tooMany = (rate: Rate, admission: Admission): Decision =>
  admission.admitted ? undefined : { ...limited(admission), headers: rateLimitFields('address', rate, admission) };

const limited = ({ retryAfterMs }: Admission): ProblemTerms => ({
  status: 429,
  code: 'limited',
  category: 'failure_caller_limited',
  title: 'More requests than this caller may send',
  detail: 'the limit is used up for now; Retry-After says when the next request is admitted',
  retryAfter: Math.max(1, Math.ceil(retryAfterMs / 1000)),
});

/** How long somebody who was sent away should stay away, in seconds. */
const COME_AGAIN_S = 1;

const shed = (overload: Overload): ProblemTerms => ({
  status: 503,
  code: 'overloaded',
  category: 'failure_local_shed',
  title: 'The gateway has more to do than it can',
  detail: WHY[overload],
  retryAfter: COME_AGAIN_S,
});

const WHY: Readonly<Record<Overload, string>> = {
  requests: 'as many requests are in flight as it takes on at once',
  delay: 'it is late with the work under way',
  memory: 'its memory is nearly used up',
};
