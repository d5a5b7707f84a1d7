import type { Headers } from '../../../src/upstream/answer.js';
import { type Client, type Controller, Handler, type Outgoing } from '../../../src/upstream/wire/client.js';
import { LeanClient } from '../../../src/upstream/wire/lean-client.js';
import { UndiciClient } from '../../../src/upstream/wire/undici-client.js';

/** What one request came to. */
export type Came = { readonly status: number; readonly headers: Headers; readonly body: string } | { readonly error: unknown };

/** Takes a whole answer. */
export class Taking extends Handler {
  readonly came: Promise<Came>;
  settled = false;
  controller: Controller | undefined;
  #resolve: (came: Came) => void = () => undefined;
  #status = 0;
  #headers: Headers = {};
  #body = '';

  constructor() {
    super();
    this.came = new Promise((resolve) => (this.#resolve = resolve));
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller;
  }

  onResponseStarted(): void {}

  onResponseStart(_: Controller, status: number, headers: Headers): void {
    if (status >= 200) [this.#status, this.#headers] = [status, headers];
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.#body += chunk.toString('latin1');
  }

  onResponseEnd(): void {
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#body });
  }

  onResponseError(_: Controller | undefined, error: unknown): void {
    this.#resolve({ error });
  }
}

export const GET: Outgoing = { method: 'GET', path: '/', headers: {}, body: undefined };

/** Sends a request, and takes what comes of it. */
export function ask(client: Client, outgoing = GET): Promise<Came> {
  const taking = new Taking();
  try {
    client.dispatch(outgoing, taking);
  } catch (error) {
    return Promise.resolve({ error });
  }
  return taking.came;
}

/** Both clients, to one address. */
export class TwoClients implements AsyncDisposable {
  readonly lean: LeanClient;
  readonly undici: UndiciClient;

  constructor(origin: string, connections = 4) {
    this.lean = new LeanClient(origin, { connections, connectTimeoutMs: 5000 });
    this.undici = new UndiciClient(origin, { connections, connectTimeoutMs: 5000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.lean.destroy(), this.undici.destroy()]);
  }
}
