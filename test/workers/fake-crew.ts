import { makeLog } from '../../src/observe/log.js';
import { Crew } from '../../src/workers/crew.js';
import type { ForWorker, FromWorker } from '../../src/workers/messages.js';
import type { WorkerProcess } from '../../src/workers/worker.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { until } from '../until.js';

/** A worker's process that does what a test says. */
export class FakeProcess implements WorkerProcess {
  readonly told: ForWorker[] = [];
  killed = false;
  #listener: Parameters<WorkerProcess['on']>[0] | undefined;

  constructor(readonly pid: number) {}

  on(listener: Parameters<WorkerProcess['on']>[0]): void {
    this.#listener = listener;
  }

  send(message: ForWorker): void {
    this.told.push(message);
  }

  kill(): void {
    this.killed = true;
    this.ends(null, 'SIGKILL');
  }

  says(message: FromWorker): void {
    this.#listener?.message(message);
  }

  listens(): void {
    this.says({ kind: 'listening', url: `http://${this.pid}`, opsUrl: `http://ops-${this.pid}` });
  }

  ends(code: number | null = 0, signal: string | null = null): void {
    this.#listener?.gone(code, signal);
  }

  /** What it was told of this kind. */
  of<K extends ForWorker['kind']>(kind: K): (ForWorker & { kind: K })[] {
    return this.told.filter((message): message is ForWorker & { kind: K } => message.kind === kind);
  }
}

/** A crew of such processes, under a clock moved by hand. */
export class FakeCrew {
  readonly clock: HandClock = handClock();
  readonly processes: FakeProcess[] = [];
  readonly log: Readonly<Record<string, unknown>>[] = [];
  readonly crew: Crew;

  constructor(of: number) {
    this.crew = new Crew({
      of,
      group: 'g',
      fork: () => {
        const process = new FakeProcess(this.processes.length + 1);
        this.processes.push(process);
        return process;
      },
      clock: this.clock,
      log: makeLog('debug', { write: (line) => void this.log.push(JSON.parse(line) as Record<string, unknown>) }),
      leavesWithinMs: { 'all end': 5_000, replaced: 60_000 },
    });
  }

  /** Starts one whose workers all listen. */
  static async started(of: number): Promise<FakeCrew> {
    const subject = new FakeCrew(of);
    const started = subject.crew.start();
    for (let nth = 0; nth < of; nth++) (await subject.forked(nth)).listens();
    await started;
    return subject;
  }

  /** The nth process that is started, from 0, once it is. */
  async forked(nth: number): Promise<FakeProcess> {
    await until(() => this.processes.length > nth);
    const process = this.processes[nth];
    if (!process) throw new RangeError(`no process ${nth}`);
    return process;
  }

  /** Resolves once it has said so. */
  said(message: string): Promise<void> {
    return until(() => this.log.some(({ msg }) => msg === message));
  }
}
