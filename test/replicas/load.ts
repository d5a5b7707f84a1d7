import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { until } from '../until.js';

/** How many callers there are at each address, and how many books they ask for. */
const CALLERS = 10;
const BOOKS = 20;
/** One request of so many renames a book. */
const RENAMES = 7;

/** What became of a load. */
export interface Became {
  readonly sent: number;
  /** How often each status came. */
  readonly statuses: Readonly<Record<number, number>>;
  /** What came of those who got no answer. */
  readonly troubles: readonly string[];
}

/** Callers who ask for books, and rename some, each again as soon as it was answered, until they are told to end. */
export class Load implements AsyncDisposable {
  readonly #statuses: Record<number, number> = {};
  readonly #troubles: string[] = [];
  readonly #callers: readonly Promise<void>[];
  #sent = 0;
  #answered = 0;
  #goesOn = true;

  /** Begins. */
  constructor(urls: readonly string[]) {
    this.#callers = urls.flatMap((url) => Array.from({ length: CALLERS }, () => this.#call(url)));
  }

  /** Resolves once so many more requests have been answered. */
  async answered(more: number): Promise<void> {
    const enough = this.#answered + more;
    await until(() => this.#answered >= enough);
  }

  /** Ends, once everybody is answered. */
  async end(): Promise<Became> {
    this.#goesOn = false;
    await Promise.all(this.#callers);
    return { sent: this.#sent, statuses: this.#statuses, troubles: this.#troubles };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #call(url: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.#goesOn) {
      try {
        const status = await ask(url, this.#sent++, agent);
        this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
        this.#answered++;
      } catch (error) {
        this.#troubles.push(String(error));
      }
    }
    agent.destroy();
  }
}

/** Request number n, and the status of its answer. */
async function ask(url: string, n: number, agent: Agent): Promise<number> {
  const id = `b-${n % BOOKS}`;
  const renames = n % RENAMES === 0;
  const sent = renames
    ? request(`${url}/products/library/v1/books/${id}`, { agent, method: 'PUT', headers: { 'content-type': 'application/json' } })
    : request(`${url}/v1/books/${id}`, { agent });
  sent.end(renames ? JSON.stringify({ title: `Title ${n} of ${id}` }) : undefined);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await text(response);
  return response.statusCode ?? 0;
}
