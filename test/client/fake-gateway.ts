import { once } from 'node:events';
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request as it came. */
export interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the gateway does with a request. */
export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json?: unknown; readonly text?: string }
  | 'drops the connection'
  | 'never answers'
  | 'stops in the body'
  | 'cuts the body off';

/** A real HTTP server in the gateway's place. */
export interface FakeGateway extends AsyncDisposable {
  readonly baseUrl: string;
  /** All requests so far. */
  readonly seen: readonly Seen[];
  /** Resolves when that many requests have come. */
  asked(count: number): Promise<void>;
}

/** Answers by the given replies, in order; the last one stands for all that follow. */
export async function fakeGateway(...replies: readonly [Reply, ...Reply[]]): Promise<FakeGateway> {
  const seen: Seen[] = [];
  const asked: PromiseWithResolvers<void>[] = [];
  const nth = (count: number): PromiseWithResolvers<void> => (asked[count] ??= Promise.withResolvers<void>());
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const reply = replies[Math.min(seen.length, replies.length - 1)] ?? replies[0];
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      nth(seen.length).resolve();
      send(response, reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    seen,
    asked: (count) => nth(count).promise,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'never answers') return;
  if (reply === 'drops the connection') {
    response.destroy();
    return;
  }
  if (typeof reply === 'string') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"id":', () => reply === 'cuts the body off' && response.destroy());
    return;
  }
  const { status = 200, headers = {}, json } = reply;
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json', ...headers });
  response.end(reply.text ?? (json === undefined ? undefined : JSON.stringify(json)));
}

/** A problem as the gateway sends it. */
export const problem = (status: number, code: string, more: Readonly<Record<string, unknown>> = {}): Reply => ({
  status,
  json: { type: `urn:interline:problem:${code}`, title: `A problem: ${code}`, status, code, ...more },
});
