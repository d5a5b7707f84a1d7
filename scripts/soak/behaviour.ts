import { z } from 'zod';

/** How a fake product behaves towards a share of its calls. */
export const Behaviour = z.strictObject({
  /** Which share of the calls this is about. */
  share: z.number().min(0).max(1).default(1),
  /** It takes so long, in milliseconds: from, to. */
  latencyMs: z.tuple([z.number(), z.number()]).readonly().optional(),
  /** It answers with this status and no sense. */
  status: z.int().optional(),
  /** It closes the connection: before its answer, or in the middle of it. */
  breaks: z.enum(['before', 'amid']).optional(),
  /** It answers with JSON that breaks every contract. */
  drifts: z.boolean().default(false),
  /** It holds its answers back until it behaves otherwise. */
  holds: z.boolean().default(false),
});
/** The same, as it is asked for. */
export type Behaviour = z.input<typeof Behaviour>;

/** What a fake product has counted. */
export const Counts = z.object({
  calls: z.int(),
  /** Calls that were no GET. */
  writes: z.int(),
  inFlight: z.int(),
  /** The most that were in flight at once since it was last told how to behave. */
  mostInFlight: z.int(),
});
export type Counts = z.output<typeof Counts>;

/** What is said to the process of the fake products, and what it says. */
export const Control = z.object({ product: z.string(), behaviours: z.array(Behaviour) });
export const State = z.object({ products: z.record(z.string(), Counts), sockets: z.int() });

/** How the pass-through product lets its answers be kept, by the first segment of their path. */
export const MONOLITH: Readonly<Record<string, string>> = {
  public: 'public, max-age=3600',
  brief: 'public, max-age=1, stale-while-revalidate=60',
  lasting: 'public, max-age=1, stale-if-error=15',
  private: 'private, max-age=3600',
  uncached: 'no-store',
};
