import { z } from 'zod';
import { type InputIssue, didYouMean } from '#contracts/kernel/index.js';
import type { Random } from './random.js';

const shape = {
  latencyMs: z.int().min(0).max(600_000),
  status: z.int().min(400).max(599),
  errorRate: z.number().min(0).max(1),
  drop: z.boolean(),
  omit: z.array(z.string()),
  set: z.record(z.string(), z.json()),
  shuffle: z.boolean(),
  operation: z.string(),
};

/**
 * How a product misbehaves: it waits `latencyMs`; then `errorRate` of the answers (all of them where it is left out) are
 * dropped (`drop`) or given as `status` (500 where only a rate is set); what goes out lacks the fields of `omit`, holds
 * those of `set` and has its lists in another order (`shuffle`), at every depth. `operation` confines it to one.
 */
export type Faults = Partial<z.output<z.ZodObject<typeof shape>>>;

type Read = { readonly ok: true; readonly faults: Faults } | { readonly ok: false; readonly issues: readonly InputIssue[] };

/** Reads faults for a product with these operations, or says what is wrong. */
export function readFaults(body: unknown, operations: readonly string[]): Read {
  const operation = z
    .string()
    .refine((name) => operations.includes(name), { error: ({ input }) => `no such operation${didYouMean(String(input), operations)}` });
  const parsed = z
    .strictObject({ ...shape, operation })
    .partial()
    .safeParse(body ?? {});
  if (parsed.success) return { ok: true, faults: parsed.data };
  const issues = parsed.error.issues.flatMap((issue): InputIssue[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ in: 'body', path: key, message: `unknown fault${didYouMean(key, Object.keys(shape))}` }))
      : [{ in: 'body', path: issue.path.join('.'), message: issue.message }],
  );
  return { ok: false, issues };
}

/** What becomes of one call under these faults: it is dropped, it fails with a status, or it goes out. */
export function fate(faults: Faults, random: Random): 'drop' | number | undefined {
  const { status, drop = false, errorRate } = faults;
  if (status === undefined && !drop && errorRate === undefined) return undefined;
  if (errorRate !== undefined && !random.chance(errorRate)) return undefined;
  return drop ? 'drop' : (status ?? 500);
}

/** A copy of an answer with fields left out or overwritten in every object that has them, and its lists shuffled. */
export function spoil(value: unknown, faults: Faults, random: Random): unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element) => spoil(element, faults, random));
    return faults.shuffle ? random.shuffled(elements) : elements;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !faults.omit?.includes(key));
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, faults.set && Object.hasOwn(faults.set, key) ? faults.set[key] : spoil(inner, faults, random)]),
  );
}
