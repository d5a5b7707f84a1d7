import { z } from 'zod';
import type { AnyOperation } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import { received } from '../upstream/checked.js';
import { type Entry, entryOf } from './entry.js';

/** The form of the bytes below: another one is another key, so that no version reads another's. */
export const FORMAT = 1;

const Headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const Envelope = z.object({
  format: z.literal(FORMAT),
  key: z.string(),
  date: z.number(),
  tookMs: z.number().min(0),
  jitter: z.number(),
  labels: z.array(z.string()),
  kept: z.union([
    z.object({ status: z.int(), headers: Headers, value: z.unknown() }),
    z.object({ absence: z.object({ message: z.string(), status: z.int().optional(), headers: Headers }) }),
  ]),
});

/** An entry as bytes; undefined where it nests too deep to be written. */
export function encode(key: string, entry: Entry): Buffer | undefined {
  const { date, tookMs, jitter, labels, answer, absence } = entry;
  const kept = answer ? { status: answer.status, headers: answer.headers, value: answer.value } : { absence };
  try {
    return Buffer.from(JSON.stringify({ format: FORMAT, key, date, tookMs, jitter, labels, kept }));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The entry that these bytes are; undefined where they are none, or another key's. */
export function decode(key: string, bytes: Buffer, clock: Clock): Entry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
  const read = Envelope.safeParse(json);
  if (!read.success || read.data.key !== key) return undefined;
  const { date, tookMs, jitter, labels, kept } = read.data;
  const answer = 'absence' in kept ? undefined : received(kept.status, kept.headers, kept.value);
  const absence = 'absence' in kept ? { ...kept.absence, status: kept.absence.status } : undefined;
  const at = clock.now() - Math.max(0, clock.date() - date);
  return entryOf({ answer, absence, at, date, tookMs, knownAt: clock.now(), jitter, labels, readers: [] });
}

const schemas = new WeakMap<AnyOperation, string>();

/** What an operation's answers look like, as text: what was kept of another shape is not found by its key. */
export function shapeOf(operation: AnyOperation): string {
  let shape = schemas.get(operation);
  if (shape === undefined) {
    shape = JSON.stringify([z.toJSONSchema(operation.output, { io: 'input', unrepresentable: 'any' }), operation.errors, operation.absent]);
    schemas.set(operation, shape);
  }
  return shape;
}
