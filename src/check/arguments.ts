import { parseArgs } from 'node:util';
import { Duration } from '../policy/units.js';

/** What `npm run check --` was asked for. */
export interface Arguments {
  /** The file to check; undefined: the one that `GATEWAY_CONFIG` names. */
  readonly config: string | undefined;
  /** A route's line, or the path of a product or an operation. */
  readonly explain: string | undefined;
  readonly schema: boolean;
  readonly help: boolean;
  /** How long a product call is taken to last, in milliseconds. */
  readonly latencyMs: number;
  /** The share of time that each product is taken to be there. */
  readonly availability: number;
}

export const USAGE = `npm run check -- [options]
  --config <file>          the configuration to check (default: GATEWAY_CONFIG, or gateway.yaml)
  --explain <what>         every knob with its origin: "GET /v1/me", products.auth, products.auth.operations.getUser
  --latency <duration>     how long a product call is taken to last (default: 20ms)
  --availability <share>   how much of the time each product is taken to be there (default: 0.999)
  --schema                 print the JSON Schema of gateway.yaml, for editors
  --help                   print this`;

/** Arguments that are not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const options = {
  config: { type: 'string' },
  explain: { type: 'string' },
  latency: { type: 'string', default: '20ms' },
  availability: { type: 'string', default: '0.999' },
  schema: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Reads the arguments. @throws UsageError saying what was expected. */
export function readArguments(argv: readonly string[]): Arguments {
  const { config, explain, latency, availability, schema, help } = parsed(argv);
  const latencyMs = Duration.safeParse(latency);
  if (!latencyMs.success) throw new UsageError(`--latency: expected a duration like "20ms", got "${latency}"`);
  const share = Number(availability);
  if (!(share > 0 && share <= 1)) throw new UsageError(`--availability: expected a share like 0.999, got "${availability}"`);
  return { config, explain, schema, help, latencyMs: latencyMs.data, availability: share };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new UsageError(Error.isError(error) ? error.message : String(error), { cause: error });
  }
}
