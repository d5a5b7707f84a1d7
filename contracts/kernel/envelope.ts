import { z } from 'zod';
import { failureKinds } from './failure.js';

const product = z.string();
const reason = z.enum(failureKinds);
const retryAfter = z.number().optional().meta({ description: 'Seconds after which a new try makes sense.' });
const fields = z
  .array(z.string())
  .optional()
  .meta({ description: "`contract`: the fields that broke, as dotted paths of the product's contract." });

/** What became of one part of a composed answer. */
export const PartState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('ok') }),
  z.object({ state: z.literal('stale'), age: z.number().meta({ description: 'Seconds.' }), reason: reason.optional() }),
  z.object({ state: z.literal('fallback'), product, reason, retryAfter, fields }),
  z.object({ state: z.literal('skipped') }),
  z.object({ state: z.literal('partial'), product, reason, retryAfter, fields, failed: z.int(), total: z.int() }),
  z.object({ state: z.literal('failed'), product, reason, retryAfter, fields }),
]);
export type PartState = z.output<typeof PartState>;

/** The states of a composed answer's parts, by the names that its contract lists. */
export type PartStates<P extends string = string> = Readonly<Record<P, PartState>>;

/** Whether nothing is missing: exactly when no part is `failed`, `partial` or `fallback`. */
export const isComplete = (parts: PartStates): boolean =>
  Object.values(parts).every(({ state }) => state === 'ok' || state === 'stale' || state === 'skipped');

/** A composed answer: the data, whether it is whole, and what became of each part. */
export interface Envelope<T, P extends string = string> {
  readonly data: T;
  readonly complete: boolean;
  readonly parts: PartStates<P>;
}

/** The schema of the envelope around a route's data. */
export function envelope(data: z.ZodType, parts: readonly string[]): z.ZodObject {
  return z.object({
    data,
    complete: z.boolean().meta({ description: 'True exactly when no part is failed, partial or fallback.' }),
    parts: z.object(Object.fromEntries(parts.map((part) => [part, PartState]))),
  });
}
