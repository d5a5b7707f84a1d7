import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SIZES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2 };

/** A number with a unit, as people write it, up to what a timer or a buffer can hold. */
const quantity = (units: Readonly<Record<string, number>>, examples: string, most: string, atMost: number) =>
  z
    .string({ error: `expected ${examples}` })
    .regex(new RegExp(`^\\d+(\\.\\d+)? ?(${Object.keys(units).join('|')})$`), { error: `expected ${examples}` })
    .transform((text) => {
      const [, amount = '', unit = ''] = /^([\d.]+) ?(\w+)$/.exec(text) ?? [];
      return Math.round(Number(amount) * (units[unit] ?? 1));
    })
    .refine((value) => value > 0, { error: `expected more than nothing: ${examples}` })
    .refine((value) => value <= atMost, { error: `expected ${most} or less` });

/** A span of time, in milliseconds once read: `800ms`, `2s`. */
const Duration = quantity(UNITS, 'a duration like "800ms" or "2s"', '24h', 24 * 3_600_000);

/** A size, in bytes once read: `64 KiB`, `5 MiB`. */
const Size = quantity(SIZES, 'a size like "64 KiB" or "5 MiB"', '1024 MiB', 1024 ** 3);

const Url = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text.replaceAll('{version}', '1'))?.protocol ?? ''), {
    error: 'expected an address like "http://127.0.0.1:4101/v{version}"',
  })
  .refine((text) => !/[{}]/.test(text.replaceAll('{version}', '')), { error: 'expected no other braces than "{version}"' })
  .refine((text) => !/[?#@]/.test(text), { error: 'expected an address without credentials, query or fragment' });

const Operation = z.strictObject({
  deadline: Duration.optional().meta({ description: "The total time of one attempt. Default: the product's." }),
});

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
  deadline: Duration.optional().meta({
    description: 'The total time of one attempt of its operations. Default: defaults.product.deadline.',
  }),
  connections: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .meta({ description: 'Connections to each address. Default: defaults.product.connections.' }),
  operations: z.record(z.string(), Operation).optional().meta({ description: 'Operations that differ, by name.' }),
});

const Route = z.strictObject({
  deadline: Duration.optional().meta({ description: 'The total time of an answer. Default: defaults.route.deadline.' }),
  fanOut: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Product calls that one request may make. Default: defaults.route.fanOut.' }),
});

/** `gateway.yaml`: the products, where they are, and how they are called. */
export const GatewayConfig = z.strictObject({
  defaults: z.strictObject({
    product: z.strictObject({
      deadline: Duration,
      connections: z.int().min(1).max(10_000).default(64),
      connectTimeout: Duration.prefault('1s'),
      maxAnswer: Size.prefault('5 MiB'),
    }),
    route: z.strictObject({ deadline: Duration, fanOut: z.int().min(1).max(1000).default(50) }),
  }),
  edge: z
    .strictObject({
      maxBody: Size.prefault('64 KiB').meta({ description: 'The largest body that a caller may send.' }),
      requestTimeout: Duration.prefault('30s').meta({ description: 'How long a caller may take to send a request.' }),
      serverTiming: z.boolean().default(false).meta({ description: 'Whether answers say how long each part took (Server-Timing).' }),
    })
    .prefault({}),
  products: z.record(z.string(), Product),
  routes: z.record(z.string(), Route).default({}).meta({ description: 'Routes that differ, by their line: "GET /v1/me".' }),
});
export type GatewayConfig = z.output<typeof GatewayConfig>;
