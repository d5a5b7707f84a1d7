import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { type Module, modules } from './modules.ts';
import { type Mutant, reported } from './report.ts';

// Breaks what matters most in every way that Stryker knows, and exits 1 where the tests of a module notice less than 85 % of it:
// `npm run mutation`, `npm run mutation -- src/upstream/key.ts`. See docs/mutation.md.
const FLOOR = 85;

const { positionals } = parseArgs({ allowPositionals: true });
const files = modules.flatMap((module) => module.files);
const unknown = positionals.filter((file) => !files.includes(file));
if (unknown.length > 0) {
  console.error(`expected some of ${files.join(', ')}, got ${unknown.join(', ')}`);
  process.exit(2);
}

const chosen: readonly Module[] = modules
  .map((module) => (positionals.length === 0 ? module : { ...module, files: module.files.filter((file) => positionals.includes(file)) }))
  .filter((module) => module.files.length > 0);
const mutants: Mutant[] = [];
for (const module of chosen) mutants.push(...(await mutantsOf(module)));
if (!reported(chosen, mutants, FLOOR)) process.exitCode = 1;

/** Breaks a module in a copy outside of the work tree, and runs the tests that reach each place that was broken. */
async function mutantsOf({ files, tests }: Module): Promise<readonly Mutant[]> {
  const tempDirName = await mkdtemp(join(tmpdir(), 'mutation-'));
  try {
    return await new Stryker({
      mutate: [...files],
      testRunner: 'jest',
      plugins: ['@stryker-mutator/jest-runner'],
      testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      coverageAnalysis: 'perTest',
      concurrency: 2,
      // What does not end counts as noticed: on a machine that is busy with something else, slow must not pass for endless.
      timeoutMS: 20_000,
      timeoutFactor: 4,
      reporters: ['progress-append-only'],
      allowConsoleColors: false,
      tempDirName,
      cleanTempDir: 'always',
      jest: {
        projectType: 'custom',
        configFile: 'jest.config.ts',
        config: { testMatch: tests.map((test) => `<rootDir>/${test}`), testTimeout: 5000, reporters: [] },
        enableFindRelatedTests: false,
      },
    }).runMutationTest();
  } finally {
    await rm(tempDirName, { recursive: true, force: true });
  }
}
