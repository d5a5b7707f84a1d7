import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import { answerTo } from './answers.ts';
import { type Behaviour, Control, type Counts, type State } from './behaviour.ts';

// The fake products, in a process of their own: each at `/{product}/…`, told how to behave and asked what it counted at `/control`.

/** One fake product. */
class Product {
  readonly counts: Counts = { calls: 0, writes: 0, inFlight: 0, mostInFlight: 0 };
  #behaviours: readonly z.output<typeof Behaviour>[] = [];
  #release = Promise.withResolvers<void>();

  behave(behaviours: readonly z.output<typeof Behaviour>[]): void {
    this.#behaviours = behaviours;
    this.counts.mostInFlight = this.counts.inFlight;
    this.#release.resolve();
    this.#release = Promise.withResolvers();
  }

  async answer(name: string, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { counts } = this;
    counts.calls++;
    if (request.method !== 'GET') counts.writes++;
    counts.mostInFlight = Math.max(counts.mostInFlight, ++counts.inFlight);
    response.once('close', () => counts.inFlight--);
    request.resume();
    const behaviour = this.#drawn();
    if (behaviour?.latencyMs) await wait(behaviour.latencyMs[0] + Math.random() * (behaviour.latencyMs[1] - behaviour.latencyMs[0]));
    if (behaviour?.holds) await this.#release.promise;
    if (behaviour?.breaks === 'before') return void request.socket.destroy();
    if (behaviour?.status !== undefined)
      return void response.writeHead(behaviour.status, { 'content-type': 'text/html' }).end('<h1>sorry</h1>');
    const who = String(request.headers['x-who'] ?? '');
    const good = answerTo({ product: name, method: request.method ?? 'GET', url, who });
    if (!good) return void response.writeHead(404).end();
    const body = behaviour?.drifts ? '{"neither":1}' : good.body;
    response.writeHead(good.status, { ...good.headers, 'content-length': Buffer.byteLength(body) });
    if (behaviour?.breaks !== 'amid') return void response.end(body);
    response.write(body.slice(0, body.length / 2));
    await wait(1);
    request.socket.destroy();
  }

  /** One of the behaviours, by their shares; undefined where the call is answered well. */
  #drawn(): z.output<typeof Behaviour> | undefined {
    let left = Math.random();
    return this.#behaviours.find(({ share }) => (left -= share) < 0);
  }
}

const products = new Map<string, Product>();

function productOf(name: string): Product {
  let product = products.get(name);
  if (!product) products.set(name, (product = new Product()));
  return product;
}

async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'PUT') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const { product, behaviours } = Control.parse(JSON.parse(Buffer.concat(chunks).toString()));
    productOf(product).behave(behaviours);
  }
  const sockets = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  const state: z.output<typeof State> = {
    products: Object.fromEntries([...products].map(([name, { counts }]) => [name, counts])),
    sockets,
  };
  response.writeHead(200, { connection: 'close' }).end(JSON.stringify(state));
}

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const url = new URL(request.url ?? '/', 'http://product');
  const [, name = '', ...rest] = url.pathname.split('/');
  if (name === 'control') return void control(request, response);
  url.pathname = `/${rest.join('/')}`;
  void productOf(name).answer(name, request, response, url);
});
server.listen(Number(process.env['PORT']), '127.0.0.1', 4096, () => console.log('listening'));
