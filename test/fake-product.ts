import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AnyOperation, PROBLEM_TYPE, readInput, segments } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';

/** A call that arrived at a fake product. */
export interface Arrived {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Whether the caller hung up before it was answered. */
  hungUp: boolean;
}

/** What is said to a call: a body (or what makes one of the input), or a handler that does as it likes with the socket. */
type Script =
  | { readonly body: (input: Readonly<Record<string, unknown>>) => unknown; readonly status: number }
  | { readonly raw: (request: IncomingMessage, response: ServerResponse) => void };

/** A product over a real socket that answers every operation of its contract with samples, until it is told otherwise. */
export class FakeProduct implements AsyncDisposable {
  /** Every call, in the order of arrival. */
  readonly calls: Arrived[] = [];
  readonly #scripts = new Map<string, Script>();
  readonly #server: Server;
  #watchers: { readonly done: () => boolean; readonly tell: () => void }[] = [];

  constructor(
    readonly name: string,
    readonly operations: readonly AnyOperation[],
  ) {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.#serve(request, response));
  }

  /** Its address, the version left open, as `gateway.yaml` has it. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v{version}`;
  }

  /** Answers an operation with this body, or with what the function makes of the input. */
  answers(operation: string, body: unknown, status = 200): this {
    return this.#script(operation, {
      body: typeof body === 'function' ? (input) => (body as (input: unknown) => unknown)(input) : () => body,
      status,
    });
  }

  /** Answers an operation with an error that its contract declares. */
  fails(operation: string, error: string): this {
    const status = this.#named(operation).errors[error] ?? 500;
    return this.answers(operation, { code: error, status }, status);
  }

  /** Answers every operation, or one, with this status and no sense. */
  breaks(status = 500, operation?: string): this {
    return this.raw((_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>sorry</h1>'), operation);
  }

  /** Takes every call, or one operation's, and never answers. */
  hangs(operation?: string): this {
    return this.raw(() => undefined, operation);
  }

  /** Does as it likes with every call, or one operation's. */
  raw(script: (request: IncomingMessage, response: ServerResponse) => void, operation?: string): this {
    for (const { name } of this.operations) if (operation === undefined || operation === name) this.#script(name, { raw: script });
    return this;
  }

  /** Answers with samples again. */
  mends(): this {
    this.#scripts.clear();
    return this;
  }

  /** How often an operation was called. */
  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** Resolves once so many calls have arrived. */
  arrived(calls: number): Promise<void> {
    return this.#when(() => this.calls.length >= calls);
  }

  /** Resolves once so many callers have hung up before they were answered. */
  hungUp(calls: number): Promise<void> {
    return this.#when(() => this.calls.filter((call) => call.hungUp).length >= calls);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://product');
    const matched = this.#match(request.method ?? 'GET', url.pathname);
    if (!matched) return void response.writeHead(404).end();
    const query: Record<string, string[] | string> = {};
    for (const key of new Set(url.searchParams.keys())) {
      const values = url.searchParams.getAll(key);
      query[key] = values.length === 1 ? (values[0] ?? '') : values;
    }
    const { operation, params } = matched;
    const body: unknown = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
    const read = readInput(operation.wire, operation.input, { params, query, headers: request.headers, body });
    const call: Arrived = {
      operation: operation.name,
      input: read.ok ? read.input : {},
      path: url.pathname + url.search,
      headers: request.headers,
      hungUp: false,
    };
    this.calls.push(call);
    response.once('close', () => {
      call.hungUp = !response.writableFinished;
      this.#tell();
    });
    this.#tell();
    const script = this.#scripts.get(operation.name) ?? { body: () => sample(operation.output), status: 200 };
    if ('raw' in script) return script.raw(request, response);
    const answer = script.body(call.input);
    response
      .writeHead(script.status, { 'content-type': script.status < 400 ? 'application/json' : PROBLEM_TYPE })
      .end(answer === undefined ? undefined : JSON.stringify(answer));
  }

  #match(method: string, path: string): { operation: AnyOperation; params: Record<string, string> } | undefined {
    for (const operation of this.operations) {
      const pieces = [{ text: `v${operation.version}` }, ...segments(operation.wire.path)];
      const given = path.slice(1).split('/');
      if (operation.wire.method.toUpperCase() !== method || pieces.length !== given.length) continue;
      const params: Record<string, string> = {};
      if (
        pieces.every((piece, i) =>
          'text' in piece ? piece.text === given[i] : Boolean((params[piece.field] = decodeURIComponent(given[i] ?? ''))),
        )
      )
        return { operation, params };
    }
    return undefined;
  }

  #named(name: string): AnyOperation {
    const found = this.operations.find((operation) => operation.name === name);
    if (!found) throw new RangeError(`${this.name} has no operation "${name}"`);
    return found;
  }

  #script(operation: string, script: Script): this {
    this.#scripts.set(this.#named(operation).name, script);
    return this;
  }

  #when(done: () => boolean): Promise<void> {
    return new Promise((tell) => {
      this.#watchers.push({ done, tell });
      this.#tell();
    });
  }

  #tell(): void {
    const told = this.#watchers.filter(({ done }) => done());
    this.#watchers = this.#watchers.filter((watcher) => !told.includes(watcher));
    for (const { tell } of told) tell();
  }
}

/** A listening fake of one product: all versions that are given. */
export const fakeProduct = (...versions: readonly Readonly<Record<string, AnyOperation>>[]): Promise<FakeProduct> => {
  const operations = versions.flatMap((version) => Object.values(version));
  return new FakeProduct(operations[0]?.product ?? 'nobody', operations).listen();
};
