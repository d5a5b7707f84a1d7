import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A request that arrived whole. */
export interface Received {
  /** `GET /v1/items/i-1 HTTP/1.1`. */
  readonly line: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Where to answer. */
  readonly connection: Connection;
}

/** What an upstream does as soon as a request has arrived. */
export type Script = (connection: Connection, request: Received) => unknown;

/** One connection to a scripted upstream: the test says, step by step, what goes over it. */
export class Connection {
  /** Every request that arrived on it. */
  readonly received: Received[] = [];
  /** Resolves once it is closed, by whom ever. */
  readonly closed: Promise<unknown>;
  #buffer = Buffer.alloc(0);

  constructor(
    readonly socket: Socket,
    readonly told: (request: Received) => void,
  ) {
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined); // what the gateway does to it shows in `closed`
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Sends these bytes as they stand. */
  write(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Sends these bytes; resolves once the system has taken them. */
  async flush(bytes: string | Buffer): Promise<void> {
    await new Promise((resolve) => this.socket.write(bytes, resolve));
  }

  /** Ends with FIN. */
  end(): this {
    this.socket.end();
    return this;
  }

  /** Ends with RST, as soon as what was written is out. */
  reset(): this {
    this.socket.write('', () => this.socket.resetAndDestroy());
    return this;
  }

  #take(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (let end = this.#buffer.indexOf('\r\n\r\n'); end >= 0; end = this.#buffer.indexOf('\r\n\r\n')) {
      const [line = '', ...lines] = this.#buffer.toString('latin1', 0, end).split('\r\n');
      const headers = Object.fromEntries(
        lines.map((text) => [text.slice(0, text.indexOf(':')).toLowerCase(), text.slice(text.indexOf(':') + 1).trim()]),
      );
      const length = Number(headers['content-length'] ?? 0);
      if (this.#buffer.length < end + 4 + length) return;
      const body = this.#buffer.toString('utf8', end + 4, end + 4 + length);
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      const request: Received = { line, headers, body, connection: this };
      this.received.push(request);
      this.told(request);
    }
  }
}

/** A product that is nothing but a listening socket: it says what the test has it say, at the moment that the test chooses. */
export class ScriptedUpstream implements AsyncDisposable {
  readonly connections: Connection[] = [];
  readonly received: Received[] = [];
  /** The most connections that were open at once. */
  most = 0;
  readonly #open = new Set<Socket>();
  readonly #server: Server;
  readonly #scheme: string;
  #port = 0;
  #watchers: { readonly holds: () => boolean; readonly tell: () => void }[] = [];

  private constructor(
    /** What it does as soon as a request has arrived; a test may change it on the way. */
    public script: Script,
    tls: { readonly key: string; readonly cert: string } | undefined,
  ) {
    const accept = (socket: Socket): void => {
      const connection = new Connection(socket, (request) => {
        this.received.push(request);
        this.script(connection, request);
        this.#tell();
      });
      this.connections.push(connection);
      this.#open.add(socket);
      this.most = Math.max(this.most, this.#open.size);
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#tell();
      });
      this.#tell();
    };
    this.#scheme = tls ? 'https' : 'http';
    this.#server = tls ? createTlsServer(tls, accept) : createServer(accept);
    this.#server.on('tlsClientError', () => undefined);
  }

  /** Listens; without a script it takes requests and says nothing until the test does. */
  static async listen(script: Script = () => undefined, tls?: { readonly key: string; readonly cert: string }): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream(script, tls);
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    upstream.#port = (upstream.#server.address() as AddressInfo).port;
    return upstream;
  }

  /** Listens, and says these bytes to every request. */
  static says(...bytes: readonly (string | Buffer)[]): Promise<ScriptedUpstream> {
    return ScriptedUpstream.listen((connection) => bytes.forEach((piece) => connection.write(piece)));
  }

  /** Its address, as `gateway.yaml` has it for version 1. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}/v1`;
  }

  /** How many connections are open. */
  get open(): number {
    return this.#open.size;
  }

  /** The nth request, counted from 1, as soon as it has arrived. */
  async request(nth: number): Promise<Received> {
    await this.#when(() => this.received.length >= nth);
    const request = this.received[nth - 1];
    if (!request) throw new RangeError(`no request ${nth}`);
    return request;
  }

  /** Resolves as soon as no more than so many connections are open. */
  downTo(open: number): Promise<void> {
    return this.#when(() => this.#open.size <= open);
  }

  /** Resolves as soon as so many connections were made, those that closed included. */
  connected(count: number): Promise<void> {
    return this.#when(() => this.connections.length >= count);
  }

  /** Stops listening; whoever connects from now on is refused. */
  async shut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shut();
  }

  #when(holds: () => boolean): Promise<void> {
    return new Promise((tell) => {
      this.#watchers.push({ holds, tell });
      this.#tell();
    });
  }

  #tell(): void {
    const told = this.#watchers.filter(({ holds }) => holds());
    this.#watchers = this.#watchers.filter((watcher) => !told.includes(watcher));
    for (const { tell } of told) tell();
  }
}

/** A whole response with a body of this length announced. */
export const response = (body: string | Buffer, more = '', status = '200 OK'): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ]);
