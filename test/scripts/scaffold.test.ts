import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A copy of the project's sources with the packages that are installed here, gone at the end. */
async function copyOfProject(): Promise<
  AsyncDisposable & { run(program: string, ...args: readonly string[]): Promise<Ended>; read(file: string): Promise<string> }
> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'interline-scaffold-')));
  const files = ['contracts', 'examples', 'gateway.yaml', 'jest.config.ts', 'package.json', 'scripts', 'src', 'test', 'tsconfig.json'];
  const rules = ['.dependency-cruiser.cjs', '.dependency-cruiser.resolve.cjs', '.oxfmtrc.json', '.oxlintrc.json'];
  for (const file of [...files, ...rules]) await cp(join(root, file), join(path, file), { recursive: true });
  await symlink(modules, join(path, 'node_modules'));
  // Packages are seen where the link stands, as they are seen in the project.
  const linked = `const rules = require('./.dependency-cruiser.cjs');\nmodule.exports = { ...rules, options: { ...rules.options, preserveSymlinks: true } };\n`;
  await writeFile(join(path, '.linked.cjs'), linked);
  // What counts the tests around this one must not count those inside.
  const { TALLY: _, NODE_OPTIONS: _options, ...env } = process.env;
  return {
    run: (program, ...args) =>
      new Promise((resolve) => {
        const file = program === 'node' ? process.execPath : join(modules, '.bin', program);
        execFile(file, args, { cwd: path, env, maxBuffer: 16 * 1024 ** 2 }, (error, out, err) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err }),
        );
      }),
    read: (file) => readFile(join(path, file), 'utf8'),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const product = ['scripts/new-product.ts', 'flight-school', '--entity', 'lesson', '--sample'];
const route = [
  'scripts/new-route.ts',
  'GET /v1/lessons/{lessonId}',
  '--part',
  'flight-school.getLesson',
  '--optional',
  'teacher=auth.getUser',
];

/** What a scaffold says that it wrote or changed. */
const filesIn = (out: string): string[] => [...out.matchAll(/^(?:wrote|changed) +(\S+)$/gm)].map(([, file]) => String(file));

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--runInBand'];

describe('the scaffolds', () => {
  it('make a product and a route that compile, keep every rule, and pass their own tests', async () => {
    await using project = await copyOfProject();
    const made = await project.run('node', ...product);
    expect(made).toMatchObject({ code: 0, err: '' });
    const joined = await project.run('node', ...route);
    expect(joined).toMatchObject({ code: 0, err: '' });
    const touched = [...filesIn(made.out), ...filesIn(joined.out)];
    expect(touched).toEqual([
      'contracts/products/flight-school/v1.ts',
      'test/products/flight-school.test.ts',
      'examples/products/flight-school/main.ts',
      'examples/products/flight-school/product.ts',
      'test/examples/products/flight-school.test.ts',
      'gateway.yaml',
      'examples/landscape.ts',
      'contracts/public/v1/lesson.ts',
      'src/compositions/lesson.ts',
      'test/compositions/lesson.test.ts',
      'src/edge/public.controller.ts',
      'gateway.yaml',
    ]);

    const code = touched.filter((file) => file.endsWith('.ts'));
    const checks = await Promise.all([
      project.run('tsc'),
      project.run('oxlint', ...code),
      project.run('oxfmt', '--check', ...touched),
      project.run('depcruise', '--config', '.linked.cjs', 'src', 'contracts', 'examples', 'test', 'scripts'),
    ]);
    expect(checks.filter(({ code }) => code !== 0)).toEqual([]);
    const tests = touched.filter((file) => file.endsWith('.test.ts'));
    const tested = await project.run(
      'node',
      ...jest,
      ...tests,
      'test/compositions/every-missing-part.test.ts',
      'test/kernel/contracts.test.ts',
    );
    expect(tested).toMatchObject({ code: 0, err: expect.stringContaining('Test Suites: 5 passed, 5 total') });

    // All that a start checks.
    const checked = await project.run('node', '--import', './test/process/from-source.ts', 'src/check/main.ts');
    expect(checked).toMatchObject({ code: 0, out: expect.stringMatching(/^GET \/v1\/lessons\/\{lessonId\} .* 2, 2 /m) });

    const again = [await project.run('node', ...product), await project.run('node', ...route)];
    expect(again).toMatchObject([
      { code: 1, out: '', err: expect.stringContaining('contracts/products/flight-school: there already') },
      {
        code: 1,
        out: '',
        err: expect.stringContaining('contracts/public/v1/lesson.ts ("GET /v1/lessons/{lessonId}") answers the same requests'),
      },
    ]);
    expect((await project.read('gateway.yaml')).match(/flight-school:/g)).toHaveLength(1);
  }, 120_000);
});
