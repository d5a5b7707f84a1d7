import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Module, modules } from './modules.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

// Makes small mistakes in the modules whose mistakes are dangerous, one at a time, in copies of the tree, and tells which of
// them no test finds. Exit code 1 where fewer than 85 % are found.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string', default: '1' }, seed: { type: 'string', default: '1' } },
});

const FLOOR = 0.85;
const WORKERS = 2;
/** A mistake may make a test run for ever: that is found, too. */
const WITHIN_MS = 60_000;

const root = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'mutation-'));
const files = execFileSync('git', ['ls-files', 'src', 'contracts', 'test', 'scripts', 'package.json', 'jest.config.ts'], {
  cwd: root,
  encoding: 'utf8',
});

/** A copy of the tree, in which mistakes are made. */
function copy(nth: number): string {
  const folder = join(scratch, String(nth));
  for (const file of files.trim().split('\n')) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Whether the tests of a module pass in a copy as it is now. */
function passes(folder: string, { tests }: Module): Promise<boolean> {
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--bail', '--silent', '--runInBand'];
  const child = spawn(process.execPath, [...jest, ...tests], { cwd: folder, stdio: 'ignore', detached: true });
  return new Promise((resolve) => {
    const late = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), WITHIN_MS);
    child.once('exit', (code) => {
      clearTimeout(late);
      resolve(code === 0);
    });
  });
}

/** Every nth of them, so that a sample is spread over the file. */
function sampled(mutants: readonly Mutant[]): readonly Mutant[] {
  const share = Number(values.sample);
  return mutants.filter((_, i) => Math.floor((i + Number(values.seed)) * share) !== Math.floor((i + Number(values.seed) - 1) * share));
}

/** Makes each mistake in a module. @returns how many there were, and those that no test found */
async function mutate(
  module: Module,
  folders: readonly string[],
): Promise<{ readonly made: number; readonly survivors: readonly Mutant[] }> {
  const { file } = module;
  const text = readFileSync(join(root, file), 'utf8');
  const mutants = sampled(mutantsOf(file, text));
  const survivors: Mutant[] = [];
  const left = [...mutants];
  await Promise.all(
    folders.map(async (folder) => {
      if (!(await passes(folder, module))) throw new Error(`the tests of ${file} do not pass as it is`);
      for (let mutant = left.shift(); mutant; mutant = left.shift()) {
        writeFileSync(join(folder, file), text.slice(0, mutant.start) + mutant.text + text.slice(mutant.end));
        if (await passes(folder, module)) survivors.push(mutant);
      }
      writeFileSync(join(folder, file), text);
    }),
  );
  for (const { start, end, text: by, line } of survivors.toSorted((a, b) => a.line - b.line))
    console.log(`  ${file}:${line} \`${text.slice(start, end).replaceAll(/\s+/g, ' ').slice(0, 70)}\` → \`${by.slice(0, 40)}\``);
  return { made: mutants.length, survivors };
}

try {
  const folders = Array.from({ length: WORKERS }, (_, nth) => copy(nth));
  let below = 0;
  for (const [name, all] of Object.entries(modules)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    let [made, survived] = [0, 0];
    for (const module of all) {
      const done = await mutate(module, folders);
      made += done.made;
      survived += done.survivors.length;
    }
    const score = made === 0 ? 1 : 1 - survived / made;
    if (score < FLOOR) below++;
    console.log(`${score < FLOOR ? 'BELOW' : 'ok   '} ${name}: ${made - survived} of ${made} found, ${(score * 100).toFixed(1)} %`);
  }
  if (below > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
