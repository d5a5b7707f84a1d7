import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { fakeGateway, problem } from './fake-gateway.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');

/** Runs a program to its end, and gives what it printed. What npm tells its scripts is kept from it: it may be npm itself. */
function run(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
  const env = { ...Object.fromEntries(inherited), PATH: [join(modules, '.bin'), process.env['PATH']].join(delimiter) };
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

/** An empty folder, gone at the end. */
async function emptyFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'interline-pack-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Packs a copy, so that nothing is built in the tree, and nothing of the tree but the installed packages is in reach. */
async function pack(into: string): Promise<string> {
  const copy = join(into, 'contracts');
  await cp(join(root, 'contracts'), copy, { recursive: true, filter: (source) => !/contracts\/(dist|node_modules)$/.test(source) });
  await symlink(modules, join(into, 'node_modules'));
  await run(copy, 'npm', 'pack', '--offline', '--pack-destination', into);
  const tarball = (await readdir(into)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('expected npm pack to leave a tarball');
  return join(into, tarball);
}

const consumer = `
import { type FailureKind, optional } from '@interline/contracts';
import { client } from '@interline/contracts/client';
import { auth } from '@interline/contracts/products/auth/v1';

export async function greetings(baseUrl: string, ids: readonly string[]): Promise<string[]> {
  const { user } = client({ consumer: 'greeter', baseUrl, uses: { user: optional(auth.getUser.reads({ name: true })) } });
  return Promise.all(
    ids.map(async (id) => {
      const answer = await user({ id });
      if (answer.ok) {
        // @ts-expect-error the types came along: absence can't be ignored
        void (() => answer.value.name);
        // @ts-expect-error and what is not read does not exist
        void (() => answer.value?.email);
        return answer.value === undefined ? 'Nobody' : \`Hello \${answer.value.name}\`;
      }
      if (answer.error !== 'failed') return answer.error;
      const kind: FailureKind = answer.failure.kind;
      return \`\${kind} \${answer.failure.fields ?? ''}\`;
    }),
  );
}
`;

// Browsers refuse code from strings where a page's policy says so; zod compiles schemas to such code where it may.
const main = `
import { greetings } from './consumer.js';
let refused = false;
try { new Function(''); } catch { refused = true; }
console.log(JSON.stringify({ refused, greetings: await greetings(process.argv[2], ['u-0001', 'u-0002', 'u-0003']) }));
`;

const tsconfig = {
  compilerOptions: { module: 'nodenext', target: 'es2024', lib: ['es2024', 'dom'], types: [], strict: true },
  files: ['consumer.ts'],
};

describe('the package of contracts', () => {
  it('is packed, installed without a network, compiled against and run where no code may come from strings', async () => {
    await using packing = await emptyFolder();
    await using app = await emptyFolder();
    const tarball = await pack(packing.path);
    await writeFile(join(app.path, 'package.json'), '{ "private": true, "type": "module" }');
    await run(
      app.path,
      'npm',
      'install',
      '--offline',
      '--no-audit',
      '--no-fund',
      '--cache',
      join(packing.path, 'cache'),
      tarball,
      join(modules, 'zod'),
    );
    const installed = join(app.path, 'node_modules/@interline/contracts');
    expect((await readdir(installed)).sort()).toEqual(['README.md', 'dist', 'package.json']);

    await writeFile(join(app.path, 'consumer.ts'), consumer);
    await writeFile(join(app.path, 'tsconfig.json'), JSON.stringify(tsconfig));
    expect(await run(app.path, 'tsc')).toBe('');

    await using gateway = await fakeGateway({ json: { name: 'Ada', email: 5 } });
    await using broken = await fakeGateway({ json: { name: 5 } });
    await using empty = await fakeGateway(problem(404, 'userNotFound'));
    await writeFile(join(app.path, 'main.js'), main);
    const greet = async (baseUrl: string): Promise<unknown> =>
      JSON.parse(await run(app.path, process.execPath, '--disallow-code-generation-from-strings', 'main.js', baseUrl));
    expect(await greet(gateway.baseUrl)).toEqual({ refused: true, greetings: Array(3).fill('Hello Ada') });
    expect(await greet(broken.baseUrl)).toEqual({ refused: true, greetings: Array(3).fill('contract name') });
    expect(await greet(empty.baseUrl)).toEqual({ refused: true, greetings: Array(3).fill('Nobody') });
    expect(new Set(gateway.seen.map(({ url }) => url))).toEqual(
      new Set(['u-0001', 'u-0002', 'u-0003'].map((id) => `/products/auth/v1/users/${id}`)),
    );
  }, 120_000);
});
