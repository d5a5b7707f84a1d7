import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { quantile } from './figures.ts';

/** One request. */
export interface Question {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request before its answer. */
  readonly signal?: AbortSignal;
}

/** What came back. */
export interface Answer {
  readonly question: Question;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** From the question to the last byte. */
  readonly ms: number;
}

/** What became of the requests of a load. */
export class Tally {
  /** How long each answer took, in milliseconds, in the order in which they came. */
  readonly ms: number[] = [];
  readonly statuses = new Map<number, number>();
  /** Requests that got no answer, by what went wrong. */
  readonly errors = new Map<string, number>();

  /** Requests that came to their end. */
  get asked(): number {
    return this.ms.length + this.unanswered;
  }

  get unanswered(): number {
    return [...this.errors.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Answers with a status from one on, to another. */
  count(from: number, to = from): number {
    return [...this.statuses].reduce((sum, [status, count]) => (status >= from && status <= to ? sum + count : sum), 0);
  }

  /** Requests that were not answered with 200. */
  get failed(): number {
    return this.asked - this.count(200);
  }

  /** 5xx and requests without an answer. */
  get broken(): number {
    return this.count(500, 599) + this.unanswered;
  }

  quantile(share: number): number {
    return quantile(this.ms, share);
  }

  /** What came of it, but for what is well: for notes. */
  toString(): string {
    return [...this.statuses, ...this.errors].map(([what, count]) => `${count} × ${what}`).join(', ');
  }
}

/** Who asks: connections to one address, and what is to be known of each answer. */
export class Asker implements AsyncDisposable {
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 120_000, bodyTimeout: 120_000, keepAliveTimeout: 60_000 });
  }

  /** Asks once, and adds what comes of it to a tally. */
  async ask(question: Question, tally: Tally, see?: (answer: Answer) => void): Promise<void> {
    const began = performance.now();
    try {
      const { path, method = 'GET', body, headers, signal } = question;
      const sent = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
      const response = await this.#pool.request({ path, method, body, headers: sent, signal });
      const text = await response.body.text();
      const ms = performance.now() - began;
      tally.ms.push(ms);
      tally.statuses.set(response.statusCode, (tally.statuses.get(response.statusCode) ?? 0) + 1);
      see?.({ question, status: response.statusCode, headers: response.headers, body: text, ms });
    } catch (error) {
      const why = Error.isError(error) ? ('code' in error && typeof error.code === 'string' ? error.code : error.name) : String(error);
      tally.errors.set(why, (tally.errors.get(why) ?? 0) + 1);
    }
  }

  /** Asks all at once. */
  async atOnce(questions: readonly Question[], see?: (answer: Answer) => void): Promise<Tally> {
    const tally = new Tally();
    await Promise.all(questions.map((question) => this.ask(question, tally, see)));
    return tally;
  }

  /** So many callers ask, each again as soon as it is answered, until it is time. */
  async keepAsking(
    callers: number,
    until: () => boolean,
    question: (n: number) => Question,
    see?: (answer: Answer) => void,
  ): Promise<Tally> {
    const tally = new Tally();
    let n = 0;
    const caller = async (): Promise<void> => {
      while (!until()) await this.ask(question(n++), tally, see);
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return tally;
  }

  /** Asks so often a second, however long answers take, until it is time; then waits for the last answers. */
  async atRate(perSecond: number, until: () => boolean, question: (n: number) => Question, see?: (answer: Answer) => void): Promise<Tally> {
    const tally = new Tally();
    const flying = new Set<Promise<void>>();
    const began = performance.now();
    for (let n = 0; !until(); await wait(5)) {
      for (const due = ((performance.now() - began) / 1000) * perSecond; n < due; n++) {
        const flight = this.ask(question(n), tally, see).finally(() => flying.delete(flight));
        flying.add(flight);
      }
    }
    await Promise.all(flying);
    return tally;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Says when so many milliseconds are over. */
export function after(ms: number): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() >= end;
}

/** Asks until something holds. @returns after how many milliseconds it did; NaN where it did not in time */
export async function whenever(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const began = performance.now();
  for (const over = after(withinMs); !over(); await wait(20)) if (await holds()) return performance.now() - began;
  return Number.NaN;
}
