import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

/** An answer as it stood on the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; of a header that stands twice the values are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection to a gateway on which bytes go out as they are: no HTTP library tidies them up. */
export class Connection implements AsyncDisposable {
  readonly #socket: Socket;
  #received = '';
  #tell: () => void = () => undefined;
  #closed = false;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => {
      this.#received += chunk;
      this.#tell();
    });
    this.#socket.on('error', () => undefined); // a reset is a way to close
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#tell();
    });
  }

  /** Sends text, each character a byte. */
  send(text: string): this {
    this.#socket.write(text, 'latin1');
    return this;
  }

  /** The next answer; undefined where the connection was closed before there was one. `withBody: false` for the answer to a HEAD. */
  async next({ withBody = true } = {}): Promise<RawAnswer | undefined> {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end >= 0) {
        const head = headOf(this.#received.slice(0, end));
        const length = withBody && head.status !== 304 ? Number(head.headers['content-length'] ?? 0) : 0;
        const whole = end + 4 + length;
        if (this.#received.length >= whole) {
          const body = Buffer.from(this.#received.slice(end + 4, whole), 'latin1').toString();
          this.#received = this.#received.slice(whole);
          return { ...head, body };
        }
      }
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }

  /** Resolves once the gateway has closed the connection; gives what came besides whole answers. */
  async closed(): Promise<string> {
    if (!this.#closed) await once(this.#socket, 'close');
    return this.#received;
  }

  /** Leaves at once. */
  leave(): void {
    this.#socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (!this.#closed) await once(this.#socket, 'close');
  }
}

/** Sends one text on a connection of its own and gives the first answer, once the gateway has closed the connection. */
export async function exchange(url: string, text: string): Promise<RawAnswer | undefined> {
  await using connection = new Connection(url);
  const answer = await connection.send(text).next();
  await connection.closed();
  return answer;
}

/** The text of a request: a line, further header lines, a body with its length. */
export function request(line: string, headers: readonly string[] = [], body?: string): string {
  const length = body === undefined ? [] : [`content-length: ${Buffer.byteLength(body, 'latin1')}`];
  return [`${line} HTTP/1.1`, 'host: gateway', ...headers, ...length, '', body ?? ''].join('\r\n');
}

function headOf(text: string): Pick<RawAnswer, 'status' | 'headers'> {
  const [line = '', ...lines] = text.split('\r\n');
  const headers: Record<string, string> = {};
  for (const each of lines) {
    const colon = each.indexOf(':');
    const name = each.slice(0, colon).toLowerCase();
    const value = each.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { status: Number(line.split(' ')[1]), headers };
}
