import type { AnyPart, Outgoing } from '#contracts/kernel/index.js';
import type { Credential } from '../policy/credential.js';
import type { OperationPolicy, Snapshot } from '../policy/snapshot.js';
import type { Outcome } from './answer.js';
import type { Batching } from './batch.js';
import type { Cancellation } from './cancellation.js';
import type { Endpoint } from './endpoint.js';
import type { Later } from './eventual.js';

/** Who asks, as far as it is proven. An undefined user is nobody in particular, and is never taken for another one. */
export interface Identity {
  readonly consumer: string | undefined;
  /** As its issuer names it. */
  readonly user: string | undefined;
  /** Who vouches for the user: two issuers may name two people alike. */
  readonly issuer?: string | undefined;
  /** What the user's token is good for, where it says so. */
  readonly scopes?: readonly string[] | undefined;
  /** The user's own token. */
  readonly token?: Credential | undefined;
}

/** One request at the edge, as far as its calls to products know it. */
export interface Scope {
  /** Unlike any other request's in this process. The request id is not: callers choose it. */
  readonly serial: number;
  /** `x-request-id`, given to every product that is called. */
  readonly requestId: string;
  /** `traceparent` (W3C Trace Context), given to every product that is called. */
  readonly traceparent: string;
  /** Headers that tell every product that is called which way the request came: `via`, `cdn-loop`. */
  readonly passage: Readonly<Record<string, string>>;
  readonly identity: Identity;
  /** The route or product route that is answered: who reads, in logs, metrics and lineage. */
  readonly reader: string;
  /** The policy in force when the request began; it ends on the same one. */
  readonly snapshot: Snapshot;
  /** Stops all that this request waits for: its time ran out, a required part failed, or the caller left. */
  readonly cancellation: Cancellation;
  /** When it has to be answered, in milliseconds on the clock's steady scale: nothing is begun that could only end later. */
  readonly deadlineAt: number;
  /** Product calls made so far, and how many it may make. */
  readonly budget: { spent: number; readonly limit: number };
  /** The calls that wait for the next microtask, to be made as one. */
  readonly batching: Batching;
}

/** One call of an operation, on its way through the stack. */
export class Call {
  /** What it asks for, once that was worked out: see `askedOf`. */
  asked: string | undefined;

  constructor(
    readonly endpoint: Endpoint,
    readonly input: Readonly<Record<string, unknown>>,
    readonly outgoing: Outgoing,
    readonly scope: Scope,
    /** What is read of the answer; undefined for a batch, whose members read their own entities. */
    readonly part: AnyPart | undefined,
    /** Who may stop it: the request's above `coalesce`, the flight's below, the attempt's below `deadline`. */
    readonly cancellation: Cancellation,
    /** Headers that ask for an answer only where it is not the one that is known: a 304 is an answer then. */
    readonly conditions?: Readonly<Record<string, string>>,
  ) {}

  /** The operation's policy, from the snapshot that the request began on. */
  get policy(): OperationPolicy {
    return this.scope.snapshot.operation(this.endpoint.index);
  }

  /** The same call, to be stopped by another. */
  under(cancellation: Cancellation): Call {
    return new Call(this.endpoint, this.input, this.outgoing, this.scope, this.part, cancellation, this.conditions);
  }

  /** The same call, to be answered in full only where the known answer no longer holds. */
  unless(conditions: Call['conditions']): Call {
    return new Call(this.endpoint, this.input, this.outgoing, this.scope, this.part, this.cancellation, conditions);
  }

  /** The same call, made on behalf of another scope and to be stopped by it. */
  within(scope: Scope): Call {
    return new Call(this.endpoint, this.input, this.outgoing, scope, this.part, scope.cancellation, this.conditions);
  }
}

/** The rest of the stack, as a layer sees it. */
export type Next = (call: Call) => Outcome | Later;

/** One concern of a call to a product: it does one thing and calls `next` once, or says why not. */
export type Layer = (call: Call, next: Next) => Outcome | Later;
