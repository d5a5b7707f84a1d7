// Run as a process of its own by overrides-file.test.ts: stores one revision after another, and says which is stored, until it is killed.
import { writeSync } from 'node:fs';
import { overridesFile } from '../../src/policy/overrides-file.js';
import { NONE } from '../../src/policy/overrides.js';

const [, , folder = ''] = process.argv;
const at = '2026-11-20T12:00:00.000Z';
const store = overridesFile(folder);
for (let revision = 1; ; revision++) {
  const knobs = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`products.p${i}.deadline`, { value: `${revision}ms`, who: 'ada', reason: 'a test', at }]),
  );
  await store.save({ ...NONE, revision, knobs });
  writeSync(1, `${revision}\n`);
}
