import { memberOf, memberOfPart } from '../cache/cache-status.js';
import { provenanceOf } from '../cache/provenance.js';
import type { Clock } from '../clock.js';
import type { Prepared } from '../composition/prepare.js';
import { type Composed, type Ran, run } from '../composition/run.js';
import { timingsOf } from '../composition/tally.js';
import type { RoutePolicy, Snapshot } from '../policy/snapshot.js';
import type { Next, Scope } from '../upstream/call.js';
import { Cancellation } from '../upstream/cancellation.js';
import type { Eventual } from '../upstream/eventual.js';
import type { Worked } from './answerable.js';
import type { Inbound } from './inbound.js';
import { type Response, bug, declared, failed } from './problems.js';
import type { RouteCache } from './route-cache.js';
import { envelope } from './success.js';

/** What composed routes stand on. */
export interface ComposeTerms {
  readonly clock: Clock;
  readonly call: Next;
  readonly routeCache: RouteCache;
}

/** Answers a composed route: with what is kept of it, where something is, at once, else its parts, joined. */
export function compose(
  terms: ComposeTerms,
  prepared: Prepared,
  input: unknown,
  inbound: Inbound,
  snapshot: Snapshot,
): Worked | PromiseLike<Worked> {
  const { route, request } = inbound;
  const policy = snapshot.route(route);
  const composing = new Composing(terms, prepared, input, inbound, snapshot, policy);
  const { key } = composing;
  const found = key === undefined ? undefined : terms.routeCache.find(key, route, policy);
  if (key === undefined || !found) return composing.work(inbound.scope(snapshot, policy, route));
  const { kept, ttlMs } = found;
  if (ttlMs <= 0) terms.routeCache.refresh(key, () => composing.work(composing.detached()));
  const given = kept.given(request.headers['accept-encoding'], terms.clock.now(), ttlMs, key);
  return given instanceof Promise ? given.then((response) => ({ response })) : { response: given };
}

/** The members of a `Cache-Status` as a header; none where there are none. */
const statusOf = (members: readonly string[]): Readonly<Record<string, string>> =>
  members.length === 0 ? {} : { 'cache-status': members.join(', ') };

/** One answer of a composed route that is to be put together, now or in the background. */
class Composing {
  /** What the answer is kept under; undefined where nobody knows whose it is, or nothing is kept of the route. */
  readonly key: string | undefined;
  readonly #isKept: boolean;

  constructor(
    readonly terms: ComposeTerms,
    readonly prepared: Prepared,
    readonly input: unknown,
    readonly inbound: Inbound,
    readonly snapshot: Snapshot,
    readonly policy: RoutePolicy,
  ) {
    const { cache } = policy;
    this.#isKept = cache.freshMs + cache.staleMs > 0 && prepared.composition.route.wire.method === 'get';
    this.key = this.#isKept ? terms.routeCache.keyOf(prepared, input, inbound.identity) : undefined;
  }

  /** A scope that nobody waits in, so that nobody who leaves ends it. */
  detached(): Scope {
    const { inbound, snapshot, policy } = this;
    const scope = inbound.scope(snapshot, policy, inbound.route);
    return { ...scope, cancellation: new Cancellation(), deadlineAt: this.terms.clock.now() + policy.deadlineMs };
  }

  work(scope: Scope): Eventual<Worked> {
    const { terms, prepared } = this;
    const { generation } = terms.routeCache.caches;
    const began = terms.clock.now();
    return run(prepared, this.input, scope, terms.call, terms.clock).after((ran) => this.#worked(ran, generation, began));
  }

  #worked(ran: Ran, generation: number, began: number): Worked {
    const { traceId } = this.inbound;
    const { composed } = ran;
    const timings = () => timingsOf(ran.parts);
    switch (composed.kind) {
      case 'answer':
        return { response: this.#answer(composed, ran, generation, began), timings, parts: composed.parts };
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

  /** The answer as it goes, kept where it may be; `Cache-Status` tells of each part, and of the answer as a whole. */
  #answer(composed: Extract<Composed, { readonly kind: 'answer' }>, ran: Ran, generation: number, began: number): Response {
    const { terms, prepared, key, policy } = this;
    const provenance = provenanceOf(ran.parts, terms.clock.date());
    const members = ran.parts.flatMap(({ name, part, outcomes }) => memberOfPart(name, part, outcomes) ?? []);
    if (!this.#isKept) return envelope(composed, prepared, provenance, false, statusOf(members));
    const response = envelope(composed, prepared, provenance, true, {}); // what is kept tells of itself each time it is given
    const kept = terms.routeCache.keep({ prepared, key, response, composed, ran, provenance, generation, began }, policy);
    const handling = 'why' in kept ? { detail: kept.why } : { stored: true, ttlMs: kept.ttlMs, ...(key === undefined ? {} : { key }) };
    members.push(memberOf('interline', { fwd: 'miss', ...handling }));
    return { ...response, headers: { ...response.headers, ...statusOf(members) } };
  }
}
