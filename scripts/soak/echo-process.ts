import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { MONOLITH_NAME, operationAt } from './answers.ts';
import { randomFrom } from './figures.ts';
import { markOf, markedBody, nameOf } from './marks.ts';

// All products in one process, each at `/{product}/…`: they say in their answers for whom they made them, are slow, fail and hang at
// random, and let their answers be kept, or not. Beside them the keys of an issuer, at `/jwks`.

const random = randomFrom(Number(process.env['SEED']));
const jwks = process.env['JWKS'];

/** How often a call fails, breaks off and is never answered. */
const [FAILS, BREAKS, HANGS] = [0.01, 0.003, 0.001];
const SLOWEST_MS = 10;

/** How the answers may be kept: for one alone, not at all, as the gateway likes. Answers for nobody may be kept for all. */
const CONTROLS: readonly (string | undefined)[] = ['private, max-age=2', 'no-store', 'max-age=1', 'max-age=2', undefined, undefined];

/** For whom an answer is: the user of the token, and the consumer; the product without a contract goes by a session of its own. */
function whoAsks(product: string, headers: IncomingHttpHeaders): string | undefined {
  const { 'x-user-token': token, 'x-interline-consumer': consumer, 'x-session': session } = headers;
  if (product === MONOLITH_NAME) return typeof session === 'string' ? session : undefined;
  return nameOf(typeof token === 'string' ? decodeJwt(token).sub : undefined, typeof consumer === 'string' ? consumer : undefined);
}

async function answer(product: string, method: string, url: URL, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
  const fate = random();
  const control = CONTROLS[Math.floor(random() * CONTROLS.length)];
  await wait(random() * SLOWEST_MS);
  if (fate < HANGS) return;
  if (fate < HANGS + BREAKS) return void response.destroy();
  if (fate < HANGS + BREAKS + FAILS) return void response.writeHead(503).end();
  const who = whoAsks(product, headers);
  const mark = markOf(who);
  const found = product === MONOLITH_NAME ? undefined : operationAt(product, method, url);
  if (!found && product !== MONOLITH_NAME) return void response.writeHead(404).end();
  const body = found ? markedBody(found.operation, url, mark) : JSON.stringify({ mark });
  const cacheControl = who === undefined && control?.startsWith('max-age') ? `public, ${control}` : control;
  response
    .writeHead(found?.operation.status ?? 200, {
      'content-type': 'application/json',
      ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
    })
    .end(body);
}

createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const url = new URL(request.url ?? '/', 'http://product');
  const [, product = '', ...rest] = url.pathname.split('/');
  if (product === 'jwks') return void response.writeHead(200, { 'content-type': 'application/json' }).end(jwks);
  request.resume();
  url.pathname = `/${rest.join('/')}`;
  void answer(product, request.method ?? 'GET', url, request.headers, response);
}).listen(Number(process.env['PORT']), '127.0.0.1', 4096, () => console.log('listening'));
