import { z } from 'zod';

const Written = z.union([z.string(), z.number()]);

/** Who turned something, why and when. */
const Who = z.object({ who: z.string(), reason: z.string(), at: z.iso.datetime() });

/** A knob that an operator has turned. */
export const Override = Who.extend({ value: Written, expires: z.iso.datetime().optional() });
export type Override = z.output<typeof Override>;

/** One change of one value: `null` is what git or the default says. `fromExpires`: when `from` would have been taken back by itself. */
const Change = z.object({
  path: z.string(),
  from: Written.nullable(),
  to: Written.nullable(),
  fromExpires: z.iso.datetime().optional(),
});
export type Change = z.output<typeof Change>;

/** One step of the history. `undoes` names the step whose changes it takes back. */
export const Step = Who.extend({
  revision: z.int(),
  changes: z.array(Change),
  isolated: z.array(z.object({ product: z.string(), from: z.boolean(), to: z.boolean() })).default([]),
  expires: z.iso.datetime().optional(),
  undoes: z.int().optional(),
});
export type Step = z.output<typeof Step>;

/** Everything that operators have turned, as it is stored: by path, with the steps that led to it. */
export const Overrides = z.object({
  format: z.literal(1),
  revision: z.int(),
  knobs: z.record(z.string(), Override),
  isolated: z.record(z.string(), Who),
  history: z.array(Step),
});
export type Overrides = z.output<typeof Overrides>;

/** Nothing turned yet. */
export const NONE: Overrides = { format: 1, revision: 0, knobs: {}, isolated: {}, history: [] };

/** How many steps are remembered. */
export const REMEMBERED = 500;

/** Where overrides are kept so that they survive a restart. */
export interface OverridesStore {
  /** What is stored; `NONE` where nothing is. @throws where it can't be read: then nothing is overwritten either. */
  load(): Promise<Overrides>;
  /** Stores the next revision. False where somebody else stored one first. */
  save(next: Overrides): Promise<boolean>;
  /** Calls back when another instance has stored a revision. */
  onChange?(listener: () => void): void;
}

/** Overrides that a restart forgets. */
export function overridesInMemory(): OverridesStore {
  let stored = NONE;
  return {
    load: () => Promise.resolve(stored),
    save(next) {
      stored = next;
      return Promise.resolve(true);
    },
  };
}
