import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gateway } from './gateway.ts';
import { report, verdicts } from './score.ts';
import { groups, install, origin, run } from './suite.ts';

// Measures the pass-through product's HTTP cache with the public suite of cache-tests.fyi and prints the score by category.
// `--runs 3` measures again, each time on a cache that is empty, and fails where the verdicts differ.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    main: { type: 'string', default: fileURLToPath(new URL('../../dist/src/main.js', import.meta.url)) },
  },
});

install();
const all = await groups();
const runs = [];
for (let i = 0; i < Number(values.runs); i++) {
  await using upstream = await origin();
  await using measured = await gateway(values.main, upstream.url);
  runs.push(await run(measured.url));
}
const [first, ...others] = runs;
if (!first) throw new RangeError('expected one run or more');
for (const line of report(all, first)) console.log(line);

const expected = verdicts(all, first);
const differing = others.flatMap((results) => [...verdicts(all, results)].filter(([test, verdict]) => expected.get(test) !== verdict));
if (others.length > 0)
  console.log(
    `\n${runs.length} runs: ${differing.length === 0 ? 'the same verdicts' : `differing: ${differing.map(([{ id }]) => id).join(', ')}`}`,
  );
if (differing.length > 0) process.exitCode = 1;
