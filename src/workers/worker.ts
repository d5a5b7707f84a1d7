import type { Clock, Timer } from '../clock.js';
import { type ForWorker, FromWorker, type Leaving } from './messages.js';

/** A process as it was started, whatever starts it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  send(message: ForWorker): void;
  /** Ends it at once. */
  kill(): void;
  /** `gone` comes once, after its last message. */
  on(listener: { message(message: unknown): void; gone(code: number | null, signal: string | null): void }): void;
}

/** Where a worker listens. */
export interface Addresses {
  readonly url: string;
  readonly opsUrl: string;
}

/** How a start went. What is not said of a failure stands on the worker's own stderr. */
export type Begun = ({ readonly ok: true } & Addresses) | { readonly ok: false; readonly why: string | undefined };

/** How a worker ended. */
export interface Gone {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What a worker does now. One that leaves is given nothing new, and ends what it has. */
export type WorkerState = 'starting' | 'listening' | 'leaving' | 'gone';

/** How long a worker may take until it listens, in milliseconds. */
const STARTS_WITHIN_MS = 60_000;

/** One worker, as the process sees it that started it. */
export class Worker {
  state: WorkerState = 'starting';
  /** When it began to listen, where it did. */
  since: number | undefined;
  /** Resolves once it listens, or will not. */
  readonly begun: Promise<Begun>;
  readonly gone: Promise<Gone>;
  readonly #process: WorkerProcess;
  readonly #clock: Clock;

  /** It is told to begin, as what it is, when it has joined. */
  constructor(
    readonly begin: ForWorker & { kind: 'begin' },
    process: WorkerProcess,
    clock: Clock,
    hear: (message: FromWorker) => void,
  ) {
    this.#process = process;
    this.#clock = clock;
    const begun = Promise.withResolvers<Begun>();
    const gone = Promise.withResolvers<Gone>();
    const late = clock.after(STARTS_WITHIN_MS, () => {
      begun.resolve({ ok: false, why: `it did not listen within ${STARTS_WITHIN_MS / 1000} s` });
      this.kill();
    });
    process.on({
      message: (message) => {
        const { data } = FromWorker.safeParse(message);
        if (data?.kind === 'joins') this.send(this.begin);
        else if (data?.kind === 'listening') {
          late.cancel();
          this.since = clock.now();
          if (this.state === 'starting') this.state = 'listening';
          begun.resolve({ ok: true, url: data.url, opsUrl: data.opsUrl });
        } else if (data?.kind === 'failed') begun.resolve({ ok: false, why: data.why });
        else if (data) hear(data);
      },
      gone: (code, signal) => {
        late.cancel();
        this.state = 'gone';
        begun.resolve({ ok: false, why: undefined });
        gone.resolve({ code, signal });
      },
    });
    this.begun = begun.promise;
    this.gone = gone.promise;
  }

  /** Which of the workers it is, from 1; one that takes its place is that too. */
  get nth(): number {
    return this.begin.worker;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(message: ForWorker): void {
    if (this.state !== 'gone') this.#process.send(message);
  }

  /** Ends it at once. */
  kill(): void {
    if (this.state !== 'gone') this.#process.kill();
  }

  /**
   * Has it end what it has begun, and end; one that does not listen yet ends at once, and one that takes longer than `withinMs`.
   * @returns whether it ended well
   */
  async leave(why: Leaving, withinMs: number): Promise<boolean> {
    let hard: Timer | undefined;
    if (this.state === 'starting') this.kill();
    else {
      hard = this.#clock.after(withinMs, () => this.kill());
      this.send({ kind: 'leave', why });
    }
    const wasListening = hard !== undefined;
    if (this.state !== 'gone') this.state = 'leaving';
    const { code } = await this.gone;
    hard?.cancel();
    return code === 0 || !wasListening;
  }
}
