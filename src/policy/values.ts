import type { Address } from './address.js';
import { expectation } from './expectation.js';
import { type KnobName, type Written, knobs } from './knob.js';

/** Where a value in force was written. */
export type Origin = 'default' | 'git' | 'override';

/** A knob's value in force at an address. */
export interface Value {
  readonly address: Address;
  /** As a person wrote it. */
  readonly written: Written;
  /** As layers use it. */
  readonly read: number;
  readonly origin: Origin;
  /** The address where it is written, where that is another one. */
  readonly inherited: string | undefined;
}

/** What git says, and what operators said since: by path, as written and well formed. */
export interface Sources {
  readonly git: ReadonlyMap<string, Written>;
  readonly overrides: ReadonlyMap<string, Written>;
}

/** The value in force at an address: the nearest one that is written, an override before git. */
export function valueAt(address: Address, { git, overrides }: Sources): Value {
  const { knob } = address;
  for (let at: Address | undefined = address; at; at = at.from) {
    const override = overrides.get(at.path);
    const written = override ?? git.get(at.path);
    if (written === undefined) continue;
    const origin = override === undefined ? 'git' : 'override';
    return { address, written, read: numberOf(knob, written), origin, inherited: at === address ? undefined : at.path };
  }
  const fallback = knobs[knob].default;
  return { address, written: fallback, read: numberOf(knob, fallback), origin: 'default', inherited: undefined };
}

/** A written value as layers use it, or what was expected in its place. */
export type Read = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly expected: string };

/** Reads a value of a knob, whoever wrote it. */
export function read(knob: KnobName, written: unknown): Read {
  const parsed = knobs[knob].schema.safeParse(written, { error: expectation });
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, expected: parsed.error.issues[0]?.message ?? '' };
}

/** Reads a value that was found well formed before. @throws TypeError where it was not. */
function numberOf(knob: KnobName, written: Written): number {
  const found = read(knob, written);
  if (found.ok) return found.value;
  throw new TypeError(`${knob}: ${found.expected}, got ${JSON.stringify(written)}`);
}
