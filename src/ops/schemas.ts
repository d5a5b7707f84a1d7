import { z } from 'zod';
import { didYouMean } from '#contracts/kernel/index.js';
import { Override, Step } from '../policy/overrides.js';
import { Duration } from '../policy/units.js';

/** The most values that one change may turn. */
const MOST_CHANGES = 100;

/** An object that has these keys and no others. */
const strict = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key "${key}"${didYouMean(key, Object.keys(shape))}`).join(', ')
        : 'expected an object',
  });

const text = (most: number) =>
  z
    .string({ error: 'expected a text' })
    .trim()
    .min(1, { error: 'expected a text that is not empty' })
    .max(most, { error: `expected ${most} characters or less` });

/** Who turns something. The header `x-interline-operator` says it too, and goes first. */
export const Operator = text(100).regex(/^[^\p{Cc}]+$/u, { error: 'expected a name without control characters' });

const who = Operator.optional().meta({ description: 'Who asks, where no header `x-interline-operator` says it. Default: unknown.' });
const reason = text(500).meta({ description: 'Why, for whoever reads the history.' });

const Written = z.union([z.string().max(100), z.number()], { error: 'expected a value as gateway.yaml has it' });

/** `GET /ops/policy` */
export const PolicyQuery = strict({
  path: z
    .string({ error: 'expected one path' })
    .max(200, { error: 'expected 200 characters or less' })
    .optional()
    .meta({ description: 'A path, or what a path begins with, in whole names: `products.auth`.' }),
});

/** `PATCH /ops/policy` */
export const PolicyChange = strict({
  changes: z
    .record(
      z.string(),
      z.union([Written, z.null()], { error: 'expected a value as gateway.yaml has it, or null to take the override away' }),
      {
        error: 'expected paths with values',
      },
    )
    .refine((changes) => Object.keys(changes).length > 0, { error: 'expected at least one path with a value' })
    .refine((changes) => Object.keys(changes).length <= MOST_CHANGES, { error: `expected ${MOST_CHANGES} paths or less` })
    .meta({ description: 'Values by path, as gateway.yaml has them: all of them change, or none. null takes an override away.' }),
  reason,
  expires: Duration.optional().meta({ description: 'After this time the change takes itself back: `2h`.' }),
  who,
}).refine(({ changes, expires }) => expires === undefined || Object.values(changes).some((value) => value !== null), {
  path: ['expires'],
  error: 'expected none where overrides are only taken away: they do not come back by themselves',
});

/** `POST /ops/undo` */
export const Undo = strict({
  revision: z
    .int({ error: 'expected the revision of a step of the history' })
    .meta({ description: 'The step of the history that is taken back.' }),
  who,
});

/** `POST /ops/isolate` */
export const Isolate = strict({
  product: text(100),
  isolated: z.boolean({ error: 'expected true or false' }),
  reason,
  who,
});

const SELECTORS = ['tag', 'product', 'operation', 'route', 'key'] as const;

/** `POST /ops/purge` */
export const PurgeSelector = strict({
  tag: text(500).optional().meta({ description: 'A tag, as contracts give them.' }),
  product: text(100).optional(),
  operation: text(200).optional().meta({ description: '`auth.v1.getUser`' }),
  route: text(500).optional().meta({ description: '`GET /v1/me`' }),
  key: text(500).optional().meta({ description: 'The key of one entry, as Cache-Status names it.' }),
}).refine((selector) => SELECTORS.filter((by) => selector[by] !== undefined).length === 1, {
  error: `expected exactly one of ${SELECTORS.join(', ')}`,
});

/** One knob at one place, with its value in force and where that comes from. */
const KnobEntry = z.object({
  path: z.string(),
  value: Written.meta({ description: 'In force, as a person wrote it.' }),
  read: z.number().nullable().meta({ description: 'In force, as it is used, in `unit`; null is without limit.' }),
  unit: z.string(),
  origin: z.enum(['default', 'git', 'override']),
  inherited: z.string().nullable().meta({ description: 'The path where the value is written, where that is another one.' }),
  default: Written,
  git: Written.nullable(),
  override: Override.nullable().meta({ description: 'What an operator has turned it to here, in force or not: see `problems`.' }),
  bounds: z.object({ min: Written.nullable(), max: Written.nullable() }),
  meaning: z.string(),
});

const revision = z.string().meta({ description: 'Of the policy in force: what `If-Match` has to name, in double quotes.' });

const PathProblem = z.object({ path: z.string(), message: z.string() });

/** What `GET /ops/policy` gives. */
export const PolicyAnswer = z.object({
  revision,
  knobs: z.array(KnobEntry),
  problems: z.array(PathProblem).meta({ description: 'Overrides that are not in force and why; parts that got too little time.' }),
});

/** What a change gives. */
export const Turned = z.object({ revision, step: Step });

/** What `GET /ops/history` gives: the latest first. */
export const History = z.object({ revision, history: z.array(Step) });

/** What `POST /ops/purge` gives. */
export const Purged = z.object({ count: z.int().min(0).meta({ description: 'How many entries were taken away.' }) });

const Breaker = z.object({
  operation: z.string(),
  state: z.enum(['closed', 'open', 'half-open']).meta({ description: 'Of several workers the one that is furthest from closed.' }),
  calls: z.int(),
  failures: z.int(),
  trialInMs: z.number(),
  workers: z
    .record(z.enum(['closed', 'open', 'half-open']), z.int())
    .optional()
    .meta({ description: 'In how many workers it is so, where they differ: each finds out for itself.' }),
});

/** What `GET /ops/products` gives: of all workers together. */
export const ProductsAnswer = z.object({
  revision,
  products: z.array(
    z.object({
      product: z.string(),
      policy: z.object({
        limit: z.object({ perSecond: z.number().nullable(), burst: z.int() }),
        bulkhead: z.object({ concurrent: z.int(), queue: z.int(), waitMs: z.number() }),
      }),
      isolated: z.object({ who: z.string(), reason: z.string(), at: z.iso.datetime() }).nullable(),
      inFlight: z.int().meta({ description: 'Calls on the wire.' }),
      addresses: z.array(z.object({ version: z.int(), url: z.string(), inFlight: z.int() })),
      breakers: z.array(Breaker).meta({ description: 'Of each operation that was called.' }),
      bulkhead: z
        .object({ inFlight: z.int(), waiting: z.int() })
        .nullable()
        .meta({ description: 'Calls that have a place, and calls that wait for one.' }),
      limit: z
        .object({ remaining: z.number(), heldMs: z.number() })
        .meta({ description: 'Calls that would pass now; milliseconds for which the product is left alone, because it asked for that.' }),
      cache: z
        .object({ entries: z.int(), bytes: z.int(), hitRate: z.number().nullable() })
        .nullable()
        .meta({ description: 'null where nothing of it was ever kept.' }),
    }),
  ),
});

/** What `GET /ops/access` gives. */
export const AccessAnswer = z.object({
  revision,
  consumers: z.array(z.object({ consumer: z.string(), scopes: z.array(z.string()) })),
  routes: z.array(
    z.object({
      route: z.string().meta({ description: 'A composed one by its line, a product’s own by its operation: `auth.v1.getUser`.' }),
      scopes: z.array(z.string()),
      user: z.enum(['required', 'optional']),
      consumers: z
        .array(
          z.object({
            consumer: z.string(),
            lastUse: z.iso
              .date()
              .nullable()
              .meta({ description: 'The day of its last call through this instance, all of its workers; null: none within 30 days.' }),
          }),
        )
        .meta({ description: 'Who may call it; `anonymous` stands for callers without a credential.' }),
    }),
  ),
});

/** An answer that says what went wrong (RFC 9457). */
export const OpsProblemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(PathProblem).optional(),
});
