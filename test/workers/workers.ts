import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpsPort } from '../ops/operator.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { GatewayProcess, type LogLine, configuration } from '../process/gateway-process.js';
import type { RedisServer } from '../redis-server.js';
import { until } from '../until.js';

/** A gateway of several workers, as processes of their own, over a Redis; its data and its gateway.yaml stand in a folder of its own. */
export class Workers implements AsyncDisposable {
  readonly gateway: GatewayProcess;
  readonly #folder = temporaryFolder();
  readonly #config = join(this.#folder.path, 'gateway.yaml');

  constructor({ url }: Pick<RedisServer, 'url'>, yaml = configuration(), env: Readonly<Record<string, string>> = {}) {
    this.configure(yaml);
    this.gateway = new GatewayProcess(undefined, {
      WORKERS: '2',
      REDIS_URL: url,
      GATEWAY_CONFIG: this.#config,
      DATA_DIR: join(this.#folder.path, 'data'),
      DRAIN_MS: '200',
      ...env,
    });
  }

  /** Writes another gateway.yaml. */
  configure(yaml: string): void {
    writeFileSync(this.#config, yaml);
  }

  get log(): readonly LogLine[] {
    return this.gateway.log;
  }

  /** The processes that have begun to listen, in order. */
  get pids(): readonly number[] {
    return this.log.filter(({ msg }) => msg === 'listening').map(({ pid }) => Number(pid));
  }

  /** The workers that have answered a request, by their numbers. */
  get answering(): ReadonlySet<unknown> {
    return new Set(this.log.filter(({ msg }) => msg === 'request').map(({ worker }) => worker));
  }

  async ops(): Promise<OpsPort> {
    return new OpsPort((await this.gateway.listening()).opsUrl);
  }

  /** The series of a metric as one scrape has them, with their values. */
  async series(name: string): Promise<Readonly<Record<string, number>>> {
    const { text } = await (await this.ops()).ask('/metrics');
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  }

  /** The sum of the series of a metric in whose labels this stands. */
  async count(name: string, label = ''): Promise<number> {
    const series = Object.entries(await this.series(name)).filter(([labels]) => labels.includes(label));
    return series.reduce((sum, [, value]) => sum + value, 0);
  }

  /** How many requests were answered that `status` sent. */
  asked = 0;

  /** The status of a path, asked on a connection of its own, so that the workers take turns. */
  async status(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    const port = new OpsPort((await this.gateway.listening()).url);
    const { status } = await port.ask(path, { headers });
    this.asked++;
    return status;
  }

  /** Asks until both workers have answered, so that one alone can't be taken for both. */
  async bothAnswer(path = '/health/none'): Promise<void> {
    await this.gateway.listening(); // however long it takes to start
    await until(async () => {
      await this.status(path);
      return this.answering.size === 2;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
