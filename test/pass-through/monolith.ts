import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type TestGateway, type Wanted, testGateway } from '../gateway.js';

/** A request that arrived at the product. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a product says to one request. */
export type Script = (request: Arrived, response: ServerResponse, nth: number) => unknown;

/** A product without a contract, over a real socket. */
export class Monolith implements AsyncDisposable {
  readonly arrived: Arrived[] = [];
  readonly #server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.#serve(request, response));
  #script: Script = (_, response) => response.end('hello');
  #watchers: { readonly count: number; readonly tell: () => void }[] = [];

  static async listen(script?: Script): Promise<Monolith> {
    const monolith = new Monolith();
    if (script) monolith.#script = script;
    await new Promise<void>((resolve) => monolith.#server.listen(0, '127.0.0.1', resolve));
    return monolith;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on it says something else. */
  says(script: Script): void {
    this.#script = script;
  }

  /** Resolves once so many requests have arrived. */
  got(count: number): Promise<void> {
    return new Promise((tell) => {
      if (this.arrived.length >= count) tell();
      else this.#watchers.push({ count, tell });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body;
    try {
      body = (await buffer(request)).toString();
    } catch {
      return; // whoever sent it broke off
    }
    const arrived = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    this.arrived.push(arrived);
    const due = this.#watchers.filter(({ count }) => count <= this.arrived.length);
    this.#watchers = this.#watchers.filter((watcher) => !due.includes(watcher));
    for (const { tell } of due) tell();
    this.#script(arrived, response, this.arrived.length);
  }
}

/** A gateway that passes `monolith` through, with further lines of its configuration. */
export const gatewayOver = (monolith: Monolith, product = '', more: Partial<Wanted> = {}): Promise<TestGateway> =>
  testGateway({
    products: [],
    ...more,
    env: { KEY_OF_MONOLITH: 'key-of-monolith' },
    yaml: `  monolith: { urls: ['${monolith.url}'], passThrough: true, credential: { variable: KEY_OF_MONOLITH }${product && `, ${product}`} }\n${more.yaml ?? ''}`,
  });

/** An answer as it came, its bytes not touched. */
export interface Raw {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends any request, with just these headers, and reads what comes. */
export function ask(url: string, method = 'GET', headers: Record<string, string | string[]> = {}, body?: string | Buffer): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, agent: false, path: url.replace(/^http:\/\/[^/]*/, '') }, (response) => {
      buffer(response).then((read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read }), reject);
    });
    request.on('error', reject).end(body);
  });
}
