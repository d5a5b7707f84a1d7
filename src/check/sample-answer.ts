import { sample } from '#contracts/kernel/sample.js';
import type { Call } from '../upstream/call.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a product might answer to a call, as its contract says: lists have so many items. A batch gives an entity for each
 * key that was asked for, and a page that was asked for by a cursor is the last one (contracts/products/pages.ts).
 * @throws TypeError where the contract has no sample, naming the field.
 */
export function sampleAnswer({ endpoint: { operation }, input }: Call, items: number): unknown {
  const { batches } = operation;
  const answer = sample(operation.output, { items });
  const keys = batches && input[batches.list];
  if (batches && Array.isArray(keys)) {
    const { at, by } = batches;
    if (at === undefined) return entities(answer, keys, by);
    return isFields(answer) ? { ...answer, [at]: entities(answer[at], keys, by) } : answer;
  }
  return isFields(answer) && 'next' in answer && input['cursor'] !== undefined ? { ...answer, next: null } : answer;
}

/** The sampled entities in turn, each under a key that was asked for. */
function entities(sampled: unknown, keys: readonly unknown[], by: string): readonly unknown[] {
  const known = Array.isArray(sampled) ? sampled.filter(isFields) : [];
  return keys.map((key, i) => ({ ...known[i % known.length], [by]: key }));
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
