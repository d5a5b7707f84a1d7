import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { delimiter, isAbsolute, join, matchesGlob, posix } from 'node:path';
import type { Stage, Step } from './dockerfile.ts';

/** A stage that was built: a folder in place of a file system, and what its steps have set. */
export interface Built {
  readonly root: string;
  /** Absolute within the stage. */
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** The last step of an instruction, which is the one that counts. */
  last(instruction: string): Step | undefined;
}

/** What stages are built from. */
interface Ground {
  /** The build context: what COPY takes from where no stage is named. */
  readonly context: string;
  readonly built: ReadonlyMap<string, Built>;
  /** Where the stages' folders are made. */
  readonly scratch: string;
  readonly say: (line: string) => void;
}

/**
 * Runs the steps of one stage in a folder of its own.
 * @throws Error where a step fails, or is one that can't be run without an engine.
 */
export function buildStage(stage: Stage, ground: Ground): Built {
  const root = join(ground.scratch, `stage-${stage.name}`);
  const env = bareEnvironment(ground.scratch);
  let workdir = '/';
  mkdirSync(root);
  for (const step of stage.steps) {
    ground.say(`  ${step.instruction} ${step.text}`);
    switch (step.instruction) {
      case 'WORKDIR':
        workdir = posix.resolve(workdir, step.text);
        mkdirSync(join(root, workdir), { recursive: true });
        break;
      case 'ENV':
        Object.assign(env, Object.fromEntries([...step.text.matchAll(/([A-Za-z_]\w*)=(\S+)/g)].map(([, name, value]) => [name, value])));
        break;
      case 'COPY':
        copy(step, root, workdir, ground);
        break;
      case 'RUN':
        execFileSync('sh', ['-ec', step.text], { cwd: join(root, workdir), env, stdio: ['ignore', 'inherit', 'inherit'] });
        break;
      case 'USER':
      case 'EXPOSE':
      case 'HEALTHCHECK':
      case 'STOPSIGNAL':
      case 'CMD':
        break;
      default:
        throw new Error(`Dockerfile:${step.line}: ${step.instruction} can't be checked without an engine; teach scripts/build-stage.ts`);
    }
  }
  return { root, workdir, env, last: (instruction) => stage.steps.findLast((step) => step.instruction === instruction) };
}

// The way out that an engine, too, would be told: proxies and where packages come from.
const WAY_OUT = /^(https?_proxy|no_proxy|node_extra_ca_certs|npm_config_registry)$/i;

/** An image's environment: this Node under its own name, the system's programs, the way out, and nothing else of the one who checks. */
function bareEnvironment(scratch: string): Record<string, string> {
  const bin = join(scratch, 'bin');
  if (!existsSync(bin)) {
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
  }
  const system = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env: Record<string, string> = { PATH: [bin, ...system].join(delimiter), HOME: process.env['HOME'] ?? scratch };
  for (const [name, value] of Object.entries(process.env)) if (WAY_OUT.test(name) && value !== undefined) env[name] = value;
  return env;
}

function copy(step: Step, root: string, workdir: string, { context, built }: Ground): void {
  const paths = step.text.split(/\s+/);
  const target = paths.pop() ?? '';
  const from = step.flags['from'];
  const source = from === undefined ? context : built.get(from)?.root;
  if (source === undefined) throw new Error(`Dockerfile:${step.line}: expected a stage above, got "${from}"`);
  const ignored = from === undefined ? ignores(context) : () => false;
  const into = join(root, isAbsolute(target) ? target : posix.resolve(workdir, target));
  for (const path of paths) {
    const whole = join(source, path);
    if (!existsSync(whole) || ignored(path)) throw new Error(`Dockerfile:${step.line}: "${path}" is not there, or .dockerignore hides it`);
    // A folder's contents are copied, a file keeps its name in a target that is a folder: as COPY does.
    const intoFolder = target.endsWith('/') || paths.length > 1;
    const to = statSync(whole).isDirectory() || !intoFolder ? into : join(into, posix.basename(path));
    cpSync(whole, to, { recursive: true, verbatimSymlinks: true, filter: (file) => !ignored(posix.relative(source, file)) });
  }
}

/** Whether .dockerignore hides a path of the context: the last pattern that names it, or a folder it is in, decides. */
function ignores(context: string): (path: string) => boolean {
  const patterns = readFileSync(join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ hides: !line.startsWith('!'), glob: line.replace(/^!/, '') }));
  return (path) => patterns.findLast(({ glob }) => matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`))?.hides ?? false;
}
