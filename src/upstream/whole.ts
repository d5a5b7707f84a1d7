import type { Answer } from './answer.js';
import { saidOf } from './checked.js';

/**
 * The bytes that a product sent, where they say exactly this value, which was read of them: nothing that was left out, nothing
 * that was changed since, and no key twice, of which another reader might take the other. Where that can't be told at a glance
 * there are none, and the value is to be written anew.
 * @param keys counts them: one that knows the schema by which the value was read is faster
 */
export function wholeOf(answer: Answer, value: unknown, keys = keysOf): Buffer | undefined {
  const said = saidOf(answer);
  return said && keys(answer.value, value) === said.keys ? said.bytes : undefined;
}

/** How many keys a value has, at all depths, where it is equal to what it was read of; NaN where it is not, or shares a piece with it. */
export type KeysOf = (read: unknown, value: unknown) => number;

/** For values of any schema, or of none. */
export function keysOf(read: unknown, value: unknown): number {
  if (!isObject(read) || !isObject(value)) return read === value ? 0 : Number.NaN;
  if (read === value) return Number.NaN; // who changed the one changed the other
  if (Array.isArray(read) || Array.isArray(value)) return keysOfList(read, value);
  let keys = 0;
  for (const key in value) {
    keys++;
    const [one, other] = [read[key], value[key]];
    if (one !== other || isObject(one)) keys += keysOf(one, other);
  }
  return keys;
}

function keysOfList(read: unknown, value: unknown): number {
  if (!isList(read) || !isList(value) || read.length !== value.length) return Number.NaN;
  let keys = 0;
  for (let i = 0; i < value.length; i++) {
    const [one, other] = [read[i], value[i]];
    if (one !== other || isObject(one)) keys += keysOf(one, other);
  }
  return keys;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
