// Run as a process of its own by overrides-file.test.ts: stores one revision after another, and says which is stored, until it is killed.
// It kills itself `before` or `after` its third rename where it is told to.
import { writeSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { NONE } from '../../src/policy/overrides.js';

const [, , folder = '', moment] = process.argv;
const { rename } = fs;
let renames = 0;
fs.rename = async (from, to) => {
  renames++;
  if (renames === 3 && moment === 'before') process.kill(process.pid, 'SIGKILL');
  await rename(from, to);
  if (renames === 3 && moment === 'after') process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();

const { overridesFile } = await import('../../src/policy/overrides-file.js');
const at = '2026-11-20T12:00:00.000Z';
const store = overridesFile(folder);
for (let revision = 1; ; revision++) {
  const knobs = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`products.p${i}.deadline`, { value: `${revision}ms`, who: 'ada', reason: 'a test', at }]),
  );
  await store.save({ ...NONE, revision, knobs });
  writeSync(1, `${revision}\n`);
}
