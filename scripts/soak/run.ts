import { parseArgs } from 'node:util';
import { Report } from './report.ts';
import type { Scenario } from './scenario.ts';
import { aborts } from './scenarios/aborts.ts';
import { config } from './scenarios/config.ts';
import { down } from './scenarios/down.ts';
import { drain } from './scenarios/drain.ts';
import { herd } from './scenarios/herd.ts';
import { hygiene } from './scenarios/hygiene.ts';
import { identities } from './scenarios/identities.ts';
import { isolation } from './scenarios/isolation.ts';
import { memory } from './scenarios/memory.ts';
import { overload } from './scenarios/overload.ts';
import { redis } from './scenarios/redis.ts';
import { retries } from './scenarios/retries.ts';
import { slow } from './scenarios/slow.ts';

// Shows on the gateway as it is built what speaks of time or takes minutes, and exits 1 where a figure is below its floor:
// `npm run soak`, `npm run soak -- herd down`, `npm run soak -- memory --minutes 2`.
const scenarios: Readonly<Record<string, Scenario>> = {
  herd,
  isolation,
  down,
  retries,
  overload,
  redis,
  identities,
  config,
  drain,
  aborts,
  hygiene,
  slow,
  memory,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { minutes: { type: 'string', default: '10' } } });
const longestMs = Number(values.minutes) * 60_000;
const unknown = positionals.filter((name) => !Object.hasOwn(scenarios, name));
if (unknown.length > 0 || !(longestMs > 0)) {
  console.error(`expected ${Object.keys(scenarios).join(', ')} and --minutes with a number, got ${process.argv.slice(2).join(' ')}`);
  process.exit(2);
}

const report = new Report();
for (const [name, { rows, run }] of Object.entries(scenarios)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const began = performance.now();
  report.begins(name, rows);
  try {
    await run({ report, longestMs });
  } catch (error) {
    report.fails(`it broke off: ${Error.isError(error) ? error.stack : String(error)}`);
  }
  report.note(`took ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
console.log(report.below === 0 ? '\nevery figure keeps its floor' : `\n${report.below} below the floor`);
process.exitCode = report.below === 0 ? 0 : 1;
