import { once } from 'node:events';
import { Agent, type IncomingMessage, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { until } from '../until.js';

/** What became of a load. */
export interface Became {
  readonly answered: number;
  readonly failed: readonly string[];
  /** Connections that were told to be closed. */
  readonly closed: number;
}

/**
 * Callers who each ask again on their one connection as soon as they are answered. Where an answer says that the connection is
 * closed they ask on a new one, or end, as they are told; whatever goes out and is not answered with 200 has failed.
 */
export class Steady implements AsyncDisposable {
  readonly #callers: readonly Promise<void>[];
  readonly #failed: string[] = [];
  #answered = 0;
  #closed = 0;
  #goesOn = true;

  /** `paths`: one caller each. */
  constructor(
    url: string,
    paths: readonly string[],
    readonly whenClosed: 'new connection' | 'end',
  ) {
    this.#callers = paths.map((path) => this.#call(url + path));
  }

  get answered(): number {
    return this.#answered;
  }

  /** Resolves once so many more requests have been answered. */
  async more(answers: number): Promise<void> {
    const enough = this.#answered + answers;
    await until(() => this.#answered >= enough || this.#failed.length > 0);
  }

  /** Resolves once every caller was told that its connection is closed. */
  async allClosed(): Promise<Became> {
    await Promise.all(this.#callers);
    return this.#became;
  }

  /** Ends, once everybody is answered. */
  async end(): Promise<Became> {
    this.#goesOn = false;
    return this.allClosed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  get #became(): Became {
    return { answered: this.#answered, failed: this.#failed, closed: this.#closed };
  }

  async #call(url: string): Promise<void> {
    let agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      while (this.#goesOn) {
        const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
        const body = await text(response);
        if (response.statusCode === 200) this.#answered++;
        else this.#failed.push(`${response.statusCode} ${body}`);
        if (response.headers.connection !== 'close') continue;
        this.#closed++;
        if (this.whenClosed === 'end') break;
        agent.destroy();
        agent = new Agent({ keepAlive: true, maxSockets: 1 });
      }
    } catch (error) {
      this.#failed.push(`${url}: ${String(error)}`);
    } finally {
      agent.destroy();
    }
  }
}
