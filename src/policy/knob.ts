import { z } from 'zod';
import { Duration, Rate, Span } from './units.js';

/** Where a knob may stand. An operation takes its product's value where it has none of its own. */
export type Level = 'product' | 'operation' | 'route';

/** What a knob's value is once it is read. */
export type Unit = 'milliseconds' | 'per second' | 'count' | 'ratio';

/** A value as people write it. */
export type Written = string | number;

/** One value of a policy that may change while the gateway runs. */
export interface Knob {
  readonly schema: z.ZodType<number>;
  /** What holds where nobody says otherwise. */
  readonly default: Written;
  readonly unit: Unit;
  readonly levels: readonly Level[];
  readonly meaning: string;
}

const knob = (schema: z.ZodType<number>, fallback: Written, unit: Unit, levels: readonly Level[], meaning: string): Knob => ({
  schema,
  default: fallback,
  unit,
  levels,
  meaning,
});

const whole = (min: number, max: number) => z.int().min(min).max(max);

/** Every knob, by its dotted name: the one table that the schema, the checks, the ops API and the docs read. */
export const knobs = {
  deadline: knob(
    Duration,
    '1s',
    'milliseconds',
    ['product', 'operation', 'route'],
    'The total time: of one attempt at a call, of one answer of a route.',
  ),
  fanOut: knob(whole(1, 1000), 50, 'count', ['route'], 'Product calls that one request may make.'),
  'cache.fresh': knob(
    Span,
    'off',
    'milliseconds',
    ['product', 'operation', 'route'],
    'How long an answer is served without asking again. off: as long as the product says, if it says so.',
  ),
  'cache.stale': knob(
    Span,
    'off',
    'milliseconds',
    ['product', 'operation', 'route'],
    'How long after that it is still served while one call asks again (stale-while-revalidate, RFC 5861).',
  ),
  'cache.staleIfError': knob(
    Span,
    'off',
    'milliseconds',
    ['product', 'operation'],
    'How long after its freshness it is served where the product fails (stale-if-error, RFC 5861).',
  ),
  'cache.absent': knob(Span, 'off', 'milliseconds', ['product', 'operation'], 'How long the answer "there is none" is remembered.'),
  'limit.rate': knob(Rate, 'off', 'per second', ['product', 'route'], 'Calls to a product in all; requests of each caller to a route.'),
  'limit.burst': knob(whole(1, 100_000), 20, 'count', ['product', 'route'], 'How many may come at once.'),
  'retry.attempts': knob(
    whole(0, 3),
    0,
    'count',
    ['product', 'operation'],
    'Further attempts at a repeatable operation, within 10 % extra calls.',
  ),
  'retry.wait': knob(
    Duration,
    '50ms',
    'milliseconds',
    ['product', 'operation'],
    'The longest wait before the first further attempt; it doubles with each (full jitter).',
  ),
  'hedge.after': knob(
    Span,
    'off',
    'milliseconds',
    ['product', 'operation'],
    'How long a repeatable operation takes, at the least, before it is asked a second time, within 5 % extra calls; longer where nineteen of twenty took longer lately. off: never.',
  ),
  'breaker.ratio': knob(
    z.number().min(0.05).max(1),
    0.5,
    'ratio',
    ['product', 'operation'],
    'The share of failures that opens the breaker.',
  ),
  'breaker.minimum': knob(whole(1, 100_000), 20, 'count', ['product', 'operation'], 'Calls within the window before it may open.'),
  'breaker.window': knob(Duration, '10s', 'milliseconds', ['product', 'operation'], 'The time over which calls are counted.'),
  'breaker.open': knob(
    Duration,
    '5s',
    'milliseconds',
    ['product', 'operation'],
    'How long it stays open before a trial call (with jitter).',
  ),
  'breaker.trials': knob(whole(1, 100), 2, 'count', ['product', 'operation'], 'Trial calls that have to succeed before it closes.'),
  'bulkhead.concurrent': knob(whole(1, 10_000), 64, 'count', ['product'], 'Calls that may be in flight to the product.'),
  'bulkhead.queue': knob(whole(0, 10_000), 64, 'count', ['product'], 'Calls that may wait for a place.'),
  'bulkhead.wait': knob(Duration, '100ms', 'milliseconds', ['product'], 'How long a call waits for a place.'),
} as const satisfies Record<string, Knob>;

/** The dotted name of a knob. */
export type KnobName = keyof typeof knobs;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object's own keys are the keys of its type: the table is closed
const knobNames = Object.keys(knobs) as [KnobName, ...KnobName[]];

/** The names of the knobs that a level has, in the order of the table. */
export const knobsOf = (level: Level): readonly KnobName[] =>
  knobNames.filter((name) => (knobs[name] satisfies Knob).levels.includes(level));

/** The part of `gateway.yaml` that holds a level's knobs: `cache.fresh` stands as `cache: { fresh: … }`. All are optional. */
export function knobShape(level: Level): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {};
  const groups = new Map<string, Record<string, z.ZodType>>();
  for (const name of knobsOf(level)) {
    const { schema, meaning, default: fallback } = knobs[name];
    const described = schema.optional().meta({ description: `${meaning} Default: ${fallback}.` });
    const [group = '', field] = name.split('.');
    if (field === undefined) shape[group] = described;
    else groups.set(group, { ...groups.get(group), [field]: described });
  }
  for (const [group, fields] of groups) shape[group] = z.strictObject(fields).optional();
  return shape;
}
