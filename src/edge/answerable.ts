import type { z } from 'zod';
import type { AnyPart, PartStates, Wire } from '#contracts/kernel/index.js';
import type { Prepared } from '../composition/prepare.js';
import type { PartTiming } from '../composition/tally.js';
import type { Snapshot } from '../policy/snapshot.js';
import type { Endpoint } from '../upstream/endpoint.js';
import type { Handed } from './hand.js';
import type { Inbound } from './inbound.js';
import type { Response } from './problems.js';

/** A route that is ready to be answered: a composition, or one operation of a product. */
export type Answerable = { readonly name: string; readonly wire: Wire; readonly input: z.ZodObject } & (Composable | Relayed);

/** A composed route. */
export interface Composable {
  readonly prepared: Prepared;
}

/** One operation of a product, all of whose answer is read. */
export interface Relayed {
  readonly endpoint: Endpoint;
  readonly whole: AnyPart;
}

/** All that a product without a contract is asked, ready to be handed through. */
export interface PassedThrough {
  readonly name: string;
  readonly pass: (inbound: Inbound, policy: Snapshot) => Response | Handed | PromiseLike<Response | Handed>;
}

/** What was worked out for an answer, with what the log and the headers tell of it. */
export interface Worked {
  readonly response: Response | Handed;
  /** How long its parts took, for whoever wants to know. */
  readonly timings?: () => readonly PartTiming[];
  readonly parts?: PartStates;
  readonly error?: unknown;
}
