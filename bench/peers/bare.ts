import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import { catalog, item, order, orders, page, similar } from './shop.ts';
import { listening } from './terms.ts';

// (a) What a good engineer writes in an afternoon: node:http, a switch for a router, undici's `request`, JSON written.
const kept = new Map<string, Buffer>();

async function keptPage(id: string, response: ServerResponse): Promise<void> {
  let bytes = kept.get(id);
  if (!bytes) kept.set(id, (bytes = Buffer.from(JSON.stringify(await page(id)))));
  send(response, bytes);
}

/** Hands a request through: its headers without those of the connection, the answer's bytes as they are. */
async function pass(path: string, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
  const { host: _, connection: __, ...sent } = headers;
  const answer = await catalog.request({ method: 'GET', path, headers: sent });
  const { connection: ___, 'keep-alive': ____, 'transfer-encoding': _____, ...received } = answer.headers;
  const bytes = await answer.body.bytes();
  response.writeHead(answer.statusCode, received);
  response.end(bytes);
}

/** A text goes out in one write with its head; bytes are sent as they are. */
function send(response: ServerResponse, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

const json = async (value: Promise<unknown>, response: ServerResponse): Promise<void> => send(response, JSON.stringify(await value));

function answer(url: string, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
  const at = url.indexOf('?');
  const segments = (at === -1 ? url : url.slice(0, at)).split('/');
  const [, first, second = '', id, rest] = segments;
  if (first === 'products' && second === 'legacy') return pass(`/v1${url.slice('/products/legacy'.length)}`, headers, response);
  if (first === 'v1' && segments.length <= 5)
    switch (second) {
      case 'items':
        if (id !== undefined && rest === undefined) return json(item(id), response);
        if (id !== undefined && rest === 'similar') return json(similar(id), response);
        break;
      case 'orders':
        return json(id === undefined ? orders() : order(id), response);
      case 'pages':
        if (id !== undefined) return keptPage(id, response);
        break;
    }
  response.writeHead(404).end();
  return Promise.resolve();
}

const server = createServer(({ url = '/', headers }, response) => {
  answer(url, headers, response).catch((error: unknown) => {
    console.error(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
});
server.listen(0, '127.0.0.1', () => listening(server));
