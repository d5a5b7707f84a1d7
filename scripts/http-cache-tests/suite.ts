import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type Running, start } from './running.ts';

const here = fileURLToPath(new URL('suite/', import.meta.url));
const suite = `${here}node_modules/http-cache-tests/`;

const Test = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['required', 'optimal', 'check']).default('required'),
  depends_on: z.array(z.string()).default([]),
  browser_only: z.boolean().default(false),
});
/** One test of the suite; `required` is what a cache has to do, `optimal` what it may, `check` is asked out of interest. */
export type Test = z.output<typeof Test>;

const Group = z.object({ id: z.string(), name: z.string(), tests: z.array(Test) });
/** Tests about one thing. */
export type Group = z.output<typeof Group>;

const Result = z.union([z.literal(true), z.tuple([z.string(), z.string()])]);
/** What each test came to, by its id: true, or what kind of thing went wrong and how it shows. */
export type Results = Readonly<Record<string, z.output<typeof Result>>>;

/** Installs the suite as its lock file has it, where it is not there yet. */
export function install(): void {
  if (existsSync(suite)) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm could not install the suite');
}

/** Its version. */
export const version = (): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(`${suite}package.json`, 'utf8'))).version;

/** The suite's tests, but those that a browser alone can run. */
export async function groups(): Promise<readonly Group[]> {
  const load = async (file: string): Promise<unknown> => {
    const loaded: unknown = await import(pathToFileURL(`${suite}tests/${file}.mjs`).href);
    return z.object({ default: z.unknown() }).parse(loaded).default;
  };
  const all = [...z.array(z.unknown()).parse(await load('index')), await load('surrogate-control')];
  return z
    .array(Group)
    .parse(all)
    .map((group) => ({ ...group, tests: group.tests.filter((test) => !test.browser_only) }));
}

/** Starts the suite's origin on a free port. */
export const origin = (): Promise<Running> =>
  start('server/server.mjs', [], {
    cwd: suite,
    env: { PATH: process.env['PATH'], npm_config_protocol: 'http', npm_config_port: '0', npm_config_pidfile: '/dev/null' },
    ready: (line) => /^Listening on http:\/\/.*:(\d+)\/$/.exec(line)?.[1]?.replace(/^/, 'http://127.0.0.1:'),
  });

/** Runs the whole suite against what answers at an address. */
export async function run(base: string): Promise<Results> {
  const child = spawn(process.execPath, ['--no-warnings', 'cli.mjs'], {
    cwd: suite,
    env: { PATH: process.env['PATH'], npm_config_base: base, npm_package_config_id: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk);
  // The suite may say things of its own before its results.
  return z.record(z.string(), Result).parse(JSON.parse(text.slice(text.indexOf('{\n'))));
}
