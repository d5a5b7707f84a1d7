import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { Stored } from './stored.js';

/** The form of the bytes below: another one is another key, so that no version reads another's. */
export const FORMAT = 1;

/** As much as a tier takes for one address. */
const MOST_BYTES = 1_000_000;
const LENGTH_BYTES = 4;

const Headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const Terms = z.object({
  despiteAuthorization: z.boolean(),
  lifetimeMs: z.number().optional(),
  ageMs: z.number().min(0),
  validateAlways: z.boolean(),
  staleMs: z.number().optional(),
  staleIfErrorMs: z.number().optional(),
  vary: z.array(z.string()),
});
const Variant = z.object({
  status: z.int().min(200).max(999),
  headers: Headers,
  presented: Headers,
  terms: Terms,
  lifetimeMs: z.number().min(0),
  date: z.number(),
  length: z.int().min(0),
});
const Head = z.object({ format: z.literal(FORMAT), key: z.string(), variants: z.array(Variant).min(1) });

/**
 * What is kept for an address as bytes: how long the head is, the head as JSON, then one body after the other, not coded.
 * The newest that have room together; undefined where not even the first has.
 */
export function encode(key: string, variants: readonly Stored[]): Buffer | undefined {
  for (let count = variants.length; count > 0; count--) {
    const some = variants.slice(0, count);
    const bodies = some.reduce((sum, { body }) => sum + body.length, 0);
    if (bodies > MOST_BYTES) continue;
    const heads = some.map(({ body, at: _, knownAt: __, ...head }) => ({ ...head, length: body.length }));
    const head = Buffer.from(JSON.stringify({ format: FORMAT, key, variants: heads }));
    if (LENGTH_BYTES + head.length + bodies > MOST_BYTES) continue;
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(head.length);
    return Buffer.concat([length, head, ...some.map(({ body }) => body)]);
  }
  return undefined;
}

/** What these bytes are; undefined where they are none of ours, another key's, or cut off. */
export function decode(key: string, bytes: Buffer, clock: Clock): readonly Stored[] | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  let at = LENGTH_BYTES + bytes.readUInt32BE();
  const head = headOf(bytes.subarray(LENGTH_BYTES, at));
  if (head?.key !== key || at + head.variants.reduce((sum, { length }) => sum + length, 0) !== bytes.length) return undefined;
  const [now, date] = [clock.now(), clock.date()];
  return head.variants.map(({ length, terms: { lifetimeMs, staleMs, staleIfErrorMs, ...terms }, ...variant }) => ({
    ...variant,
    terms: { ...terms, unstorable: undefined, lifetimeMs, staleMs, staleIfErrorMs },
    body: bytes.subarray(at, (at += length)),
    at: now - Math.max(0, date - variant.date),
    knownAt: now,
  }));
}

function headOf(bytes: Buffer): z.output<typeof Head> | undefined {
  try {
    return Head.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}
