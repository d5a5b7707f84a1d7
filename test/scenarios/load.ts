import type { Got } from '../gateway.js';

const CALLERS = 4;

/** Four callers who ask again as soon as they are answered, until the test has seen enough. */
export class Load implements AsyncDisposable {
  readonly #failed: unknown[] = [];
  readonly #callers: readonly Promise<void>[];
  #answered = 0;
  #running = true;
  #watchers: { readonly from: number; readonly tell: () => void }[] = [];

  /** An answer that is not a whole 200 is a failure. */
  constructor(ask: () => Promise<Got>) {
    const caller = async (): Promise<void> => {
      while (this.#running) this.#count(await ask().catch((error: unknown) => error));
    };
    this.#callers = Array.from({ length: CALLERS }, caller);
  }

  /** Resolves once each caller has asked anew since now, and so many answers have come. */
  answers(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.push({ from: this.#answered + CALLERS + count, tell: resolve });
    return promise;
  }

  /** Ends it: what failed of it all. */
  async failed(): Promise<readonly unknown[]> {
    this.#running = false;
    await Promise.all(this.#callers);
    return this.#failed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.failed();
  }

  #count(got: unknown): void {
    this.#answered++;
    if (!isWhole(got)) this.#failed.push(got instanceof Object && 'text' in got ? got.text : got);
    const told = this.#watchers.filter(({ from }) => from <= this.#answered);
    this.#watchers = this.#watchers.filter((watcher) => !told.includes(watcher));
    for (const { tell } of told) tell();
  }
}

function isWhole(got: unknown): boolean {
  if (typeof got !== 'object' || got === null || !('status' in got) || !('body' in got)) return false;
  const { status, body } = got;
  return status === 200 && typeof body === 'object' && body !== null && 'complete' in body && body.complete === true;
}
