import { z } from 'zod';
import { AccessConfig, ConsumerConfig } from './access.js';
import { IdentityConfig } from './identity.js';
import { knobShape, knobs } from './knob.js';
import { Duration, Rate, Size } from './units.js';

const Url = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text.replaceAll('{version}', '1'))?.protocol ?? ''), {
    error: 'expected an address like "http://127.0.0.1:4101/v{version}"',
  })
  .refine((text) => !/[{}]/.test(text.replaceAll('{version}', '')), { error: 'expected no other braces than "{version}"' })
  .refine((text) => !/[?#@]/.test(text), { error: 'expected an address without credentials, query or fragment' });

const Connections = z.int().min(1).max(10_000);

const Mount = z
  .string()
  .regex(/^\/(?:[\w.~-]+(?:\/[\w.~-]+)*)?$/, { error: 'expected a path like "/" or "/legacy", without a slash at its end' });

const access = AccessConfig.optional();

const Operation = z.strictObject({ access, ...knobShape('operation') });

const Product = z.strictObject({
  urls: z.array(Url).min(1).meta({
    description:
      'Addresses of equal instances; the one with the fewest calls in flight is called. {version} stands for the version of the contract.',
  }),
  credential: z
    .strictObject({
      variable: z.string().regex(/^[A-Z][A-Z0-9_]*$/, { error: 'expected the name of an environment variable, like "AUTH_API_KEY"' }),
    })
    .optional()
    .meta({ description: 'The environment variable that holds the key which this product, and no other, is given.' }),
  connections: Connections.optional().meta({ description: 'Connections to each address. Default: defaults.product.connections.' }),
  identity: z.enum(['none', 'token', 'minted']).default('none').meta({
    description:
      'What it is told of the user, where an answer depends on one: nothing; the own token of the user; a token that is minted for this product alone.',
  }),
  passThrough: z.boolean().default(false).meta({
    description: 'Whether any method and path under /products/{product}/ is handed through. For a product that has no contract yet.',
  }),
  mount: Mount.optional().meta({ description: 'Where else a pass-through product answers what nothing else does: "/" takes everything.' }),
  access,
  ...knobShape('product'),
  operations: z.record(z.string(), Operation).optional().meta({ description: 'Operations that differ, by name.' }),
});

const Route = z.strictObject({ access, ...knobShape('route') });

const written = z.union([z.string(), z.number()], { error: 'expected a value of the knob' }).optional();

/** How far knobs may be turned while the gateway runs, by their names: `cache.fresh: { max: 1h }`. What they say is looked at in `bounds.ts`. */
const Bounds = z
  .strictObject(
    Object.fromEntries(
      Object.entries(knobs).map(([name, { meaning }]) => [
        name,
        z.strictObject({ min: written, max: written }).optional().meta({ description: meaning }),
      ]),
    ),
  )
  .meta({ description: 'How far each knob may be turned while the gateway runs, by its name.' });

const Edge = z.strictObject({
  maxBody: Size.prefault('64 KiB').meta({ description: 'The largest body that a caller may send.' }),
  requestTimeout: Duration.prefault('30s').meta({ description: 'How long a caller may take to send a request, and to read its answer.' }),
  serverTiming: z.boolean().default(false).meta({ description: 'Whether answers say how long each part took (Server-Timing).' }),
  shed: z
    .strictObject({
      inFlight: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(1000)
        .meta({ description: 'Requests that may be in flight; more are sent away at once with 503.' }),
      delay: Duration.prefault('200ms').meta({
        description: 'How late the event loop may run, averaged; while it is later, requests are sent away with 503.',
      }),
    })
    .prefault({}),
  limit: z
    .strictObject({
      rate: Rate.prefault('off').meta({
        description:
          'Requests of each address (of each /64, for IPv6), whatever they ask; counted by each instance for itself, by all of its workers together.',
      }),
      burst: z.int().min(1).max(100_000).default(100).meta({ description: 'How many may come at once.' }),
    })
    .prefault({}),
  connections: z
    .strictObject({
      most: z.int().min(1).max(1_000_000).default(10_000).meta({ description: 'Connections of callers, in all; more are closed at once.' }),
      perAddress: z.int().min(1).max(1_000_000).default(2_000).meta({ description: 'Connections from one address.' }),
    })
    .prefault({}),
  cors: z
    .strictObject({
      origins: z
        .array(
          z.string().regex(/^https?:\/\/[a-z0-9.:[\]-]+$/, {
            error: 'expected an origin like "https://app.example.org", in lower case, without a path',
          }),
        )
        .default([])
        .meta({ description: 'The origins whose pages may read answers, letter by letter. Default: none.' }),
      maxAge: Duration.prefault('10m').meta({ description: 'How long a browser may remember that it may ask.' }),
    })
    .prefault({}),
  hops: z
    .int()
    .min(0)
    .max(20)
    .default(4)
    .meta({ description: 'How often a request may have come through the gateway before, where a product calls back through it.' }),
  trustedHops: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .meta({ description: 'How many proxies of ours stand before the gateway and add to X-Forwarded-For.' }),
});

const Cache = z.strictObject({
  memory: Size.prefault('64 MiB').meta({ description: 'How much may be kept in memory, all products together.' }),
  entries: z.int().min(1).max(10_000_000).default(100_000).meta({ description: 'How many answers may be kept in memory.' }),
});

/** `gateway.yaml`: the products, where they are, and how they are called. */
export const GatewayConfig = z.strictObject({
  defaults: z
    .strictObject({
      product: z
        .strictObject({
          connections: Connections.default(64),
          connectTimeout: Duration.prefault('1s'),
          maxAnswer: Size.prefault('5 MiB'),
          ...knobShape('product'),
        })
        .prefault({}),
      route: z.strictObject(knobShape('route')).prefault({}),
    })
    .prefault({}),
  bounds: Bounds.prefault({}),
  edge: Edge.prefault({}),
  cache: Cache.prefault({}),
  identity: IdentityConfig.prefault({}),
  consumers: z
    .record(z.string(), ConsumerConfig)
    .default({})
    .meta({ description: 'Who may call, by the names of contracts/consumers/. Their keys: npm run consumer -- add NAME.' }),
  products: z.record(z.string(), Product),
  routes: z.record(z.string(), Route).default({}).meta({ description: 'Routes that differ, by their line: "GET /v1/me".' }),
});
export type GatewayConfig = z.output<typeof GatewayConfig>;
