import type { IncomingMessage } from 'node:http';
import type { FakeProduct } from '../fake-product.js';

/** What a product says to one call. */
export interface Said {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation of a fake product that keeps its callers waiting until it is told to answer. */
export class Holding {
  /** The most calls that it ever had at once. */
  most = 0;
  readonly #held: (() => void)[] = [];
  #inFlight = 0;
  #open = false;

  /** `say` makes the answer to a call, at the moment at which it is given. */
  constructor(product: FakeProduct, operation: string, say: (request: IncomingMessage) => Said) {
    product.raw((request, response) => {
      this.most = Math.max(this.most, ++this.#inFlight);
      response.once('close', () => this.#inFlight--);
      const answer = (): void => {
        const { body, headers } = say(request);
        response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      };
      if (this.#open) answer();
      else this.#held.push(answer);
    }, operation);
  }

  /** Whether it answers at once. */
  get open(): boolean {
    return this.#open;
  }

  /** Answers the call that has waited longest. */
  answersOne(): void {
    this.#held.shift()?.();
  }

  /** Answers all that wait, and from now on everybody at once. */
  opens(): void {
    this.#open = true;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** Keeps those waiting who come from now on. */
  closes(): void {
    this.#open = false;
  }
}

/** A book as the library of the tests has it. */
export const book = (id: string, title: string): object => ({ id, title, year: 1931, author: { name: 'Antoine', born: 1900 } });

/** Who a call is made for, as a product sees it: the id of the request. */
export const callerOf = ({ headers }: IncomingMessage): string => String(headers['x-request-id']);

/** So many of one thing at once. */
export const times = <T>(count: number, make: (nth: number) => T): T[] => Array.from({ length: count }, (_, nth) => make(nth));

/** Resolves once so many of these have settled. */
export const settled = (promises: readonly Promise<unknown>[], count: number): Promise<void> =>
  new Promise((resolve) => {
    let left = count;
    const one = (): void => {
      if (--left === 0) resolve();
    };
    for (const promise of promises) promise.then(one, one);
  });
