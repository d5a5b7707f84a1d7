import type { Written } from './knob.js';
import { type Change, type Override, type Overrides, REMEMBERED, type Step } from './overrides.js';

/** A value to be turned; `null` takes an override away. */
export interface Edit {
  readonly path: string;
  readonly to: Written | null;
  /** When it is taken back by itself. */
  readonly expires?: string | undefined;
}

/** What one step is to turn, who has it turned, and why. */
export interface Turn {
  readonly knobs: readonly Edit[];
  readonly isolated: readonly { readonly product: string; readonly to: boolean }[];
  readonly who: string;
  readonly reason: string;
  readonly expires?: string | undefined;
  readonly undoes?: number | undefined;
}

/** The overrides that hold at a moment: what has expired counts as never turned. */
export const standing = ({ knobs }: Overrides, now: number): Readonly<Record<string, Override>> =>
  Object.fromEntries(Object.entries(knobs).filter(([, override]) => !hasExpired(override, now)));

/** What stands after a turn, with its step at the end of the history. `now` in milliseconds since 1970. */
export function turned(
  before: Overrides,
  { knobs: edits, isolated: cuts, who, reason, expires, undoes }: Turn,
  now: number,
): { readonly after: Overrides; readonly step: Step } {
  const at = new Date(now).toISOString();
  const knobs = { ...standing(before, now) };
  const isolated = { ...before.isolated };
  const step: Step = { revision: before.revision + 1, who, reason, at, changes: [], isolated: [], expires, undoes };
  for (const { path, to, expires } of edits) {
    const was = knobs[path];
    step.changes.push({ path, from: was?.value ?? null, to, fromExpires: was?.expires });
    if (to === null) delete knobs[path];
    else knobs[path] = { value: to, who, reason, at, expires };
  }
  for (const { product, to } of cuts) {
    step.isolated.push({ product, from: Object.hasOwn(isolated, product), to });
    if (to) isolated[product] = { who, reason, at };
    else delete isolated[product];
  }
  return { after: { ...before, revision: step.revision, knobs, isolated, history: [...before.history, step].slice(-REMEMBERED) }, step };
}

/** The turn that takes a step back: each of its values becomes what it was, unless that has expired meanwhile. */
export function undoing(step: Step, who: string, now: number): Turn {
  const was = ({ path, from, fromExpires }: Change): Edit =>
    hasExpired({ expires: fromExpires }, now) ? { path, to: null } : { path, to: from, expires: fromExpires };
  return {
    knobs: step.changes.map(was),
    isolated: step.isolated.map(({ product, from }) => ({ product, to: from })),
    who,
    reason: `undo of ${step.revision}: ${step.reason}`,
    undoes: step.revision,
  };
}

/** What a step turned and is not any longer as it left it, and how it is now. */
export function* turnedSince(
  { changes, isolated }: Step,
  overrides: Overrides,
  now: number,
): Generator<{ readonly path: string; readonly is: string }> {
  const knobs = standing(overrides, now);
  for (const { path, to } of changes) {
    const is = knobs[path]?.value ?? null;
    if (is !== to) yield { path, is: is === null ? 'no override' : JSON.stringify(is) };
  }
  for (const { product, to } of isolated) {
    const is = Object.hasOwn(overrides.isolated, product);
    if (is !== to) yield { path: `products.${product}`, is: is ? 'isolated' : 'not isolated' };
  }
}

const hasExpired = ({ expires }: Pick<Override, 'expires'>, now: number): boolean => expires !== undefined && Date.parse(expires) <= now;
