import type { Clock, Timer } from '../clock.js';
import type { Logger } from '../observe/log.js';
import { Exchange } from './exchange.js';
import type { Leaving } from './messages.js';
import { type Begun, type Gone, Worker, type WorkerProcess } from './worker.js';

/** What a crew is made of. */
export interface CrewTerms {
  /** How many workers there are. */
  readonly of: number;
  /** What they are called together: what they count together is counted under it. */
  readonly group: string;
  readonly fork: () => WorkerProcess;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a worker may take to end what it has begun, in milliseconds. */
  readonly leavesWithinMs: Readonly<Record<Leaving, number>>;
}

/** How long a worker has to have lived to be replaced at once when it dies, in milliseconds. */
const STEADY_MS = 60_000;

/** How long a place stays empty whose workers die one after the other: this, and twice as long each time, up to the longest. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * The workers of one machine. Each has a place, from 1, which is never empty for long: one that dies is replaced, after a
 * pause where it did not live long; all are replaced one after the other when that is asked for, each by one that listens already.
 */
export class Crew {
  readonly terms: CrewTerms;
  readonly #exchange: Exchange;
  /** Whoever has a place now, or is about to; those that leave it are in `#all` alone. */
  readonly #places = new Map<number, Worker>();
  readonly #all = new Set<Worker>();
  readonly #pauses = new Map<number, Timer>();
  /** How often in a row a place was left by one that had not lived long. */
  readonly #deaths = new Map<number, number>();
  #rolling: Promise<void> | undefined;
  #again = false;
  #ending = false;

  constructor(terms: CrewTerms) {
    this.terms = terms;
    this.#exchange = new Exchange(terms.clock, () => this.#all);
  }

  /** How many of them listen. */
  get listening(): number {
    return [...this.#all].filter(({ state }) => state === 'listening').length;
  }

  /**
   * Starts the first, and when that one listens, all others: what keeps a worker from starting keeps all, and is told once.
   * Where one of them fails, all end.
   */
  async start(): Promise<Begun> {
    const first = await this.#launch(1).begun;
    if (!first.ok) return this.#failed(first);
    const others = Array.from({ length: this.terms.of - 1 }, (_, i) => this.#launch(i + 2).begun);
    const failure = (await Promise.all(others)).find(({ ok }) => !ok);
    if (failure) return this.#failed(failure);
    for (const [nth, worker] of this.#places) this.#keepFilled(nth, worker);
    return first;
  }

  /**
   * Replaces all workers, one after the other: the new one listens before the old one leaves, so that no request fails.
   * Stops where a new one does not come up: the others stay as they are. Asked for again meanwhile, it is done once more.
   */
  roll(): Promise<void> {
    if (this.#rolling) this.#again = true;
    return (this.#rolling ??= this.#rollWhileAsked());
  }

  /** Has all of them end what they have begun, and end. @returns whether all ended well */
  async end(): Promise<boolean> {
    this.#ending = true;
    for (const pause of this.#pauses.values()) pause.cancel();
    const well = await Promise.all([...this.#all].map((worker) => worker.leave('all end', this.terms.leavesWithinMs['all end'])));
    return well.every(Boolean);
  }

  #launch(nth: number): Worker {
    const { fork, clock, of, group } = this.terms;
    const begin = { kind: 'begin', worker: nth, of, group } as const;
    const worker: Worker = new Worker(begin, fork(), clock, (message) => this.#exchange.hear(worker, message));
    this.#all.add(worker);
    void worker.gone.then(() => {
      this.#all.delete(worker);
      this.#exchange.forget(worker);
    });
    this.#places.set(nth, worker);
    return worker;
  }

  async #failed(begun: Begun): Promise<Begun> {
    if (this.#ending) return begun; // in good order, for another reason
    this.#ending = true;
    for (const worker of this.#all) worker.kill();
    await Promise.all([...this.#all].map(({ gone }) => gone));
    return begun;
  }

  /** Has the place taken by another one when this one dies. */
  #keepFilled(nth: number, worker: Worker): void {
    void worker.gone.then((how) => {
      if (this.#ending || this.#places.get(nth) !== worker) return;
      this.#pause(worker, how);
    });
  }

  #pause(worker: Worker, { code, signal }: Gone): void {
    const { clock, log } = this.terms;
    const { nth, pid } = worker;
    const livedMs = worker.since === undefined ? 0 : clock.now() - worker.since;
    const deaths = livedMs >= STEADY_MS ? 0 : (this.#deaths.get(nth) ?? 0);
    this.#deaths.set(nth, deaths + 1);
    const againInMs = deaths === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (deaths - 1));
    log.error({ worker: nth, pid, code, signal, againInMs }, 'a worker died');
    this.#pauses.set(
      nth,
      clock.after(againInMs, () => void this.#refill(nth)),
    );
  }

  async #refill(nth: number): Promise<void> {
    const worker = this.#launch(nth);
    this.#keepFilled(nth, worker);
    const begun = await worker.begun;
    const { log } = this.terms;
    const { pid } = worker;
    if (begun.ok) log.info({ worker: nth, pid }, 'a worker was replaced');
    else if (!this.#ending && this.#places.get(nth) === worker) log.error({ worker: nth, pid, why: begun.why }, 'a worker did not come up');
  }

  async #rollWhileAsked(): Promise<void> {
    do {
      this.#again = false;
      await this.#roll();
    } while (this.#again && !this.#ending);
    this.#rolling = undefined;
  }

  async #roll(): Promise<void> {
    const { of, log, leavesWithinMs } = this.terms;
    log.info({ workers: of }, 'a rolling restart begins');
    for (let nth = 1; nth <= of && !this.#ending; nth++) {
      this.#pauses.get(nth)?.cancel();
      const old = this.#places.get(nth);
      const next = this.#launch(nth);
      const begun = await next.begun;
      if (!begun.ok) {
        if (!this.#ending) await this.#stopRoll(next, old, begun.why);
        return;
      }
      this.#deaths.delete(nth);
      this.#keepFilled(nth, next);
      if (old && old.state !== 'gone' && !(await old.leave('replaced', leavesWithinMs.replaced)))
        log.warn({ worker: nth, pid: old.pid }, 'a worker did not end in time, or not well, when another one had taken its place');
    }
    if (!this.#ending) log.info({ workers: of }, 'a rolling restart is over: all workers are new');
  }

  /** The old one goes on; where it died meanwhile, its place is filled as that of any other. */
  async #stopRoll(next: Worker, old: Worker | undefined, why: string | undefined): Promise<void> {
    const { log } = this.terms;
    const { nth, pid } = next;
    log.error({ worker: nth, pid, why }, 'a rolling restart stops, since a new worker did not come up: the others stay as they are');
    next.kill();
    const how = await next.gone;
    if (this.#ending) return;
    if (old && old.state !== 'gone') this.#places.set(nth, old);
    else this.#pause(next, how);
  }
}
