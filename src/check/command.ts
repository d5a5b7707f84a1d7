import { EnvError, readEnv } from '../env.js';
import type { Variables } from '../policy/variables.js';
import { register, sources } from '../registry/registry.js';
import { USAGE, UsageError, readArguments } from './arguments.js';
import { type Assumptions, type RouteReport, assess } from './assess.js';
import { type Sound, bootChecks } from './boot-checks.js';
import { explainProduct, explainRoute, unexplained } from './explain.js';
import { jsonSchema } from './json-schema.js';
import { overview } from './overview.js';
import { rehearsals } from './rehearse.js';

/** What a run of the command came to: its lines, and its exit code. */
export interface Ran {
  readonly out: readonly string[];
  readonly err: readonly string[];
  /** 0: a gateway could start on it; 1: it could not; 2: the arguments are not understood. */
  readonly exitCode: 0 | 1 | 2;
}

/** `npm run check`: what can be known of a configuration before a gateway starts on it. */
export async function command(argv: readonly string[], env: Variables, registry = async () => register(await sources())): Promise<Ran> {
  try {
    const asked = readArguments(argv);
    if (asked.help) return { out: [USAGE], err: [], exitCode: 0 };
    if (asked.schema) return { out: [JSON.stringify(jsonSchema(), null, 2)], err: [], exitCode: 0 };
    const checked = await bootChecks(registry, asked.config ?? readEnv(env).config, env);
    if ('problems' in checked) return { out: [], err: checked.problems, exitCode: 1 };
    const { out, warnings } =
      asked.explain === undefined ? await allRoutes(checked, asked) : await explained(asked.explain, checked, asked);
    return { out, err: [...checked.warnings, ...warnings].map((warning) => `warning: ${warning}`), exitCode: 0 };
  } catch (error) {
    if (error instanceof UsageError) return { out: [], err: [error.message, USAGE], exitCode: 2 };
    if (error instanceof EnvError) return { out: [], err: error.message.split('\n'), exitCode: 1 };
    throw error;
  }
}

/** What is to be printed of a sound configuration. */
interface Said {
  readonly out: readonly string[];
  readonly warnings: readonly string[];
}

async function allRoutes(sound: Sound, assumptions: Assumptions): Promise<Said> {
  const reports = await reportsOf(sound, assumptions, () => true);
  return { out: overview(reports, assumptions), warnings: reports.flatMap(({ warnings }) => warnings) };
}

async function explained(asked: string, sound: Sound, assumptions: Assumptions): Promise<Said> {
  const product = explainProduct(asked, sound);
  if (product) return { out: product, warnings: [] };
  const [report] = await reportsOf(sound, assumptions, (line) => line === asked);
  if (!report) throw new UsageError(unexplained(asked, sound));
  return { out: explainRoute(report, sound), warnings: report.warnings };
}

async function reportsOf(sound: Sound, assumptions: Assumptions, wanted: (line: string) => boolean): Promise<readonly RouteReport[]> {
  const { compositions, resolved, snapshot } = sound;
  const rehearse = rehearsals(resolved.contracts.operations, snapshot);
  const reports: RouteReport[] = [];
  for (const composition of compositions)
    if (wanted(composition.route.line)) reports.push(await assess(composition, sound, rehearse, assumptions));
  return reports.sort((a, b) => (a.line < b.line ? -1 : 1));
}
