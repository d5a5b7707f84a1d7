import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gateway } from './gateway.ts';
import { failures, table, verdicts } from './score.ts';
import { groups, install, origin, run, version } from './suite.ts';

// Measures the pass-through product's HTTP cache with the public suite of cache-tests.fyi and prints the score by category; fails
// where docs/http-cache.md has another one. `--runs 3` measures again, each time on a cache that is empty, and fails where the
// verdicts differ. `--redis redis://127.0.0.1:6379` keeps answers there, and one alone in memory.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    main: { type: 'string', default: fileURLToPath(new URL('../../dist/src/main.js', import.meta.url)) },
    redis: { type: 'string' },
  },
});
const documented = readFileSync(new URL('../../docs/http-cache.md', import.meta.url), 'utf8');

install();
const all = await groups();
const runs = [];
for (let i = 0; i < Number(values.runs); i++) {
  await using upstream = await origin();
  await using measured = await gateway(values.main, upstream.url, values.redis);
  runs.push(await run(measured.url));
}
const [first, ...others] = runs;
if (!first) throw new RangeError('expected one run or more');
const score = table(all, first).join('\n');
const kept = values.redis === undefined ? 'memory' : 'Redis';
console.log(
  `http-cache-tests ${version()}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}, kept in ${kept}\n\n${score}\n`,
);
for (const line of failures(all, first)) console.log(line);

const expected = verdicts(all, first);
const differing = others.flatMap((results) => [...verdicts(all, results)].filter(([test, verdict]) => expected.get(test) !== verdict));
if (others.length > 0)
  console.log(
    `\n${runs.length} runs: ${differing.length === 0 ? 'the same verdicts' : `differing: ${differing.map(([{ id }]) => id).join(', ')}`}`,
  );
const isDocumented = documented.includes(score);
if (!isDocumented) console.log('\ndocs/http-cache.md has another score');
if (differing.length > 0 || !isDocumented) process.exitCode = 1;
