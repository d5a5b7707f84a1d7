import type { Clock } from '../clock.js';
import { METRICS, Series, added } from '../observe/series.js';
import type { FromWorker } from './messages.js';
import type { Worker } from './worker.js';

/** How long a worker may take to say what it was asked, in milliseconds: one that is stuck holds up nobody. */
const REPLIES_WITHIN_MS = 1_000;

/** A question that is not answered yet. */
interface Question {
  readonly topic: string;
  readonly waiting: Set<Worker>;
  readonly values: unknown[];
  end(): void;
}

/**
 * Carries what workers say and ask among them. It knows nothing of what that is, but for the metrics: what a worker has
 * counted stays counted when it is gone, since a counter that falls is taken for one that began anew.
 */
export class Exchange {
  readonly #questions = new Map<number, Question>();
  /** What each worker had counted when it last said so. */
  readonly #counted = new Map<Worker, readonly Series[]>();
  #ended: readonly Series[] = [];
  #last = 0;

  /** `workers`: all that there are. */
  constructor(
    readonly clock: Clock,
    readonly workers: () => Iterable<Worker>,
  ) {}

  /** Takes what a worker says. */
  hear(from: Worker, message: FromWorker): void {
    switch (message.kind) {
      case 'says':
        for (const worker of this.workers()) if (worker !== from) worker.send({ kind: 'heard', text: message.text });
        break;
      case 'asks':
        this.#ask(from, message.id, message.topic);
        break;
      case 'replies':
        this.#reply(from, message.id, message.value);
        break;
      case 'counted':
        this.#count(from, message.series);
        break;
      case 'joins':
      case 'listening':
      case 'failed':
    }
  }

  /** A worker is gone: nobody waits for it, and what it has counted is kept. */
  forget(worker: Worker): void {
    for (const id of this.#questions.keys()) this.#reply(worker, id, undefined);
    this.#ended = added(this.#ended, this.#counted.get(worker) ?? []);
    this.#counted.delete(worker);
  }

  #ask(from: Worker, id: number, topic: string): void {
    const nth = ++this.#last;
    const metrics = topic === METRICS;
    const workers = [...this.workers()];
    const listening = workers.filter(({ state }) => state === 'listening');
    const leaving = workers.filter(({ state }) => state === 'leaving');
    // One that leaves still counts what it ends, and says nothing of what another one keeps in its place; where all end, all do.
    const asked = [...listening, ...(metrics || listening.length === 0 ? leaving : [])];
    const waiting = new Set(asked);
    const values: unknown[] = metrics ? [this.#ended] : []; // as it is now: who goes meanwhile is among those that are asked
    const end = (): void => {
      this.#questions.delete(nth);
      late.cancel();
      if (metrics) for (const worker of waiting) values.push(this.#counted.get(worker) ?? []);
      from.send({ kind: 'told', id, values });
    };
    const late = this.clock.after(REPLIES_WITHIN_MS, end);
    this.#questions.set(nth, { topic, waiting, values, end });
    for (const worker of asked) worker.send({ kind: 'asked', id: nth, topic });
    if (waiting.size === 0) end();
  }

  #reply(from: Worker, id: number, value: unknown): void {
    const question = this.#questions.get(id);
    if (!question?.waiting.delete(from)) return;
    const metrics = question.topic === METRICS;
    if (metrics && value !== undefined) this.#count(from, value);
    const said = metrics ? this.#counted.get(from) : value;
    if (said !== undefined) question.values.push(said);
    if (question.waiting.size === 0) question.end();
  }

  #count(from: Worker, value: unknown): void {
    const { data } = Series.array().safeParse(value);
    if (data) this.#counted.set(from, data);
  }
}
