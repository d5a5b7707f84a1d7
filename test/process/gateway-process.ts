import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '../..');

/** Every product that has a contract. */
export const products: readonly string[] = readdirSync(join(root, 'contracts/products'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The variable that holds the key of a product. */
export const keyOf = (product: string): string => `${product.toUpperCase().replaceAll('-', '_')}_API_KEY`;

/** The lines of all composed routes. */
const publicRoutes: readonly string[] = readdirSync(join(root, 'contracts/public/v1')).map(
  (file) => /route\('([^']+)'/.exec(readFileSync(join(root, 'contracts/public/v1', file), 'utf8'))?.[1] ?? file,
);

/** A gateway.yaml for all products: those that are named at their addresses, the others where nobody listens. */
export function configuration(addresses: Readonly<Record<string, string>> = {}): string {
  const lines = products.map(
    (product) =>
      `  ${product}: { urls: ['${addresses[product] ?? 'http://127.0.0.1:1'}'], credential: { variable: ${keyOf(product)} }, access: { consumers: [anonymous, want-to-be-a-pilot], user: optional } }`,
  );
  const open = 'access: { consumers: [anonymous], user: optional }';
  const routes = publicRoutes.map((line) => `  ${line}: { ${open} }`);
  return [
    'defaults:',
    '  product: { deadline: 60s }',
    '  route: { deadline: 90s }',
    'products:',
    ...lines,
    'consumers: { want-to-be-a-pilot: {} }',
    'routes:',
    ...routes,
    '',
  ].join('\n');
}

/** A line of the gateway's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The gateway as a process of its own, from the sources; ended with the test. */
export class GatewayProcess implements AsyncDisposable {
  /** How it ended: the exit code. */
  readonly exit: Promise<number | null>;
  /** All that it wrote to stderr, once it has ended. */
  readonly stderr: Promise<string>;
  /** Every line of its log so far. */
  readonly log: LogLine[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #folder = mkdtempSync(join(tmpdir(), 'interline-process-'));
  #tell: () => void = () => undefined;
  #ended = false;
  readonly #workers: boolean;

  /** Starts it with this gateway.yaml (none is written where it is undefined) and this environment, on free ports. */
  constructor(yaml: string | undefined, env: Readonly<Record<string, string | undefined>> = {}) {
    this.#workers = env['WORKERS'] !== undefined;
    const config = join(this.#folder, 'gateway.yaml');
    if (yaml !== undefined) writeFileSync(config, yaml);
    const keys = Object.fromEntries(products.map((product) => [keyOf(product), `key-of-${product}`]));
    const args = [
      '--disable-warning=ExperimentalWarning',
      '--import',
      join(import.meta.dirname, 'from-source.ts'),
      join(root, 'src/main.ts'),
    ];
    this.#child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', GATEWAY_CONFIG: config, ...keys, ...env },
      stdio: 'pipe',
    });
    this.exit = once(this.#child, 'close').then(([code]: (number | null)[]) => {
      this.#ended = true;
      this.#tell();
      return code ?? null;
    });
    this.stderr = text(this.#child.stderr);
    createInterface(this.#child.stdout).on('line', (line) => {
      this.log.push(JSON.parse(line) as LogLine);
      this.#tell();
    });
  }

  /** The log line with this message, the first or the nth, as soon as it is there. */
  async said(message: string, nth = 1): Promise<LogLine> {
    for (;;) {
      const line = this.log.filter(({ msg }) => msg === message)[nth - 1];
      if (line) return line;
      if (this.#ended) throw new Error(`it ended before it said "${message}": ${await this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }

  /** Its public address and its ops address, once it listens; where it has workers, once all of them do. */
  async listening(): Promise<{ readonly url: string; readonly opsUrl: string }> {
    const { url, opsUrl } = await this.said(this.#workers ? 'all workers listen' : 'listening');
    return { url: String(url), opsUrl: String(opsUrl) };
  }

  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): void {
    this.#child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
    rmSync(this.#folder, { recursive: true });
  }
}
