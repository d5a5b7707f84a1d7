import { didYouMean } from '#contracts/kernel/index.js';
import { type KnobName, type Written, knobs } from './knob.js';
import type { Loaded } from './load.js';
import type { Resolved } from './resolve.js';
import { read } from './values.js';

/** How far a knob may be turned while the gateway runs, as `gateway.yaml` says. */
export interface Bound {
  readonly min: Written | undefined;
  readonly max: Written | undefined;
}

/** Why a value may not stand at a path. */
export interface Fault {
  readonly refused: 'unknown' | 'value' | 'bounds';
  readonly path: string;
  /** What was expected, and what came. */
  readonly message: string;
}

/** How far a knob may be turned. */
export function boundOf({ config }: Pick<Loaded, 'config'>, knob: KnobName): Bound {
  const bound = config.bounds[knob];
  return { min: bound?.min, max: bound?.max };
}

/** What is wrong with a value at a path; undefined where nothing is. */
export function faultOf({ addresses, loaded }: Resolved, path: string, value: Written): Fault | undefined {
  const address = addresses.get(path);
  if (!address) return unknown(path, addresses);
  const asked = read(address.knob, value);
  if (!asked.ok) return { refused: 'value', path, message: `${asked.expected}, got ${JSON.stringify(value)}` };
  const { min, max } = boundOf(loaded, address.knob);
  const side =
    asked.value < limit(address.knob, min, -Infinity)
      ? `${min} or more`
      : asked.value > limit(address.knob, max, Infinity)
        ? `${max} or less`
        : undefined;
  return side === undefined
    ? undefined
    : { refused: 'bounds', path, message: `expected ${side} (bounds.${address.knob} in gateway.yaml), got ${JSON.stringify(value)}` };
}

/** A path at which no knob stands. The nearest one is looked for once somebody reads the message. */
export const unknown = (path: string, known: Resolved['addresses']): Fault => ({
  refused: 'unknown',
  path,
  get message() {
    return `no such knob${didYouMean(path, known.keys())}`;
  },
});

/** What is wrong with the bounds of a configuration, by line and column. */
export function* boundFaults({ config, place }: Loaded): Generator<string> {
  for (const knob of Object.keys(config.bounds).filter(isKnob)) {
    const { min, max } = boundOf({ config }, knob);
    for (const [side, written] of Object.entries({ min, max })) {
      const found = written === undefined ? undefined : read(knob, written);
      if (found?.ok === false) yield `${place(['bounds', knob, side])}: ${found.expected}, got ${JSON.stringify(written)}`;
    }
    if (limit(knob, min, -Infinity) > limit(knob, max, Infinity))
      yield `${place(['bounds', knob])}: expected min to be no more than max, got ${min} and ${max}`;
  }
}

const isKnob = (name: string): name is KnobName => Object.hasOwn(knobs, name);

function limit(knob: KnobName, written: Written | undefined, none: number): number {
  const found = read(knob, written);
  return found.ok ? found.value : none;
}
