import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';
import type { Clock } from '../../src/clock.js';
import { composition } from '../../src/composition/composition.js';
import type { Shared } from '../../src/redis/shared.js';
import { type FakeProduct, fakeProduct } from '../fake-product.js';
import { type TestGateway, type Wanted, testGateway } from '../gateway.js';
import { type HandClock, handClock } from '../hand-clock.js';
import type { RedisServer } from '../redis-server.js';
import { until } from '../until.js';

const Book = z.object({ id: z.string(), title: z.string() });

/** Books that are read and renamed: what is kept of one goes when it is renamed. */
const library = product('library', 1, {
  getBook: operation({
    get: '/books/{id}',
    input: z.object({ id: z.string() }),
    output: Book,
    errors: { bookNotFound: 404 },
    dependsOn: 'public',
    tags: ({ id }) => [`book:${id}`],
  }),
  renameBook: operation({
    put: '/books/{id}',
    input: z.object({ id: z.string(), title: z.string() }),
    output: Book,
    tags: ({ id }) => [`book:${id}`],
  }),
});

const bookPage = composition(
  route('GET /v1/books/{bookId}', {
    input: z.object({ bookId: z.string() }),
    output: z.object({ title: z.string() }),
    parts: { book: 'required' },
  }),
  {
    uses: { book: library.getBook.reads({ title: true }) },
    compose: async ({ input, book }) => ({ title: (await book({ id: input.bookId })).title }),
  },
);

/** The books, over a real socket: each has the title that it was last given. */
export async function bookshelf(): Promise<FakeProduct> {
  const titles = new Map<string, string>();
  const product = await fakeProduct(library);
  return product
    .answers('getBook', ({ id }: z.output<typeof Book>) => ({ id, title: titles.get(id) ?? `Title of ${id}` }))
    .answers('renameBook', (book: z.output<typeof Book>) => {
      titles.set(book.id, book.title);
      return book;
    });
}

/** One of several gateways that share a Redis. */
export interface Replica extends TestGateway {
  readonly shared: Shared;
  /** The title of a book, by the composed route; the status where there is none. */
  title(id: string): Promise<unknown>;
  /** Renames a book through this gateway. @returns the status */
  rename(id: string, title: string): Promise<number>;
  /** How often a command to Redis came to this, as the metrics say. */
  commands(command: string, outcome?: string): Promise<number>;
}

/** Starts one over these books. */
export async function replica(
  server: RedisServer,
  books: FakeProduct,
  wanted: Partial<Wanted> & { readonly clock: Clock },
): Promise<Replica> {
  const gateway = await testGateway({
    products: [books],
    compositions: [bookPage],
    product: 'cache: { fresh: 10s }',
    redis: server.url,
    ...wanted,
  });
  const { shared } = gateway.running.gateway.terms;
  if (!shared) throw new TypeError('expected a gateway that shares a Redis');
  return {
    ...gateway,
    shared,
    async title(id) {
      const { status, body } = await gateway.get(`/v1/books/${id}`);
      return status === 200 ? z.object({ data: z.object({ title: z.string() }) }).parse(body).data.title : status;
    },
    async rename(id, title) {
      const headers = { 'content-type': 'application/json' };
      const sent = { method: 'PUT', headers, body: JSON.stringify({ title }) };
      return (await gateway.get(`/products/library/v1/books/${id}`, sent)).status;
    },
    commands: (command, outcome = 'ok') => gateway.metric('interline_redis_commands_total', { command, outcome }),
  };
}

/** Two gateways on one Redis and over the same books, who know of each other. */
export interface Replicas extends AsyncDisposable {
  readonly one: Replica;
  readonly two: Replica;
  readonly both: readonly [Replica, Replica];
  readonly books: FakeProduct;
  /** The time of both, moved by hand: no command is slow unless a test lets time pass. */
  readonly clock: HandClock;
  /** Lets time pass once Redis has answered all that it was asked: so nothing of that is slow. */
  pass(ms: number): Promise<void>;
}

/** Starts them. */
export async function replicas(server: RedisServer, wanted: Partial<Wanted> = {}): Promise<Replicas> {
  const clock = handClock();
  const books = await bookshelf();
  const one = await replica(server, books, { ...wanted, clock });
  const two = await replica(server, books, { ...wanted, clock });
  const both = [one, two] as const;
  const pass = async (ms: number): Promise<void> => {
    await until(() => both.every(({ shared }) => shared.redis.state().pending === 0));
    clock.advance(ms);
  };
  await until(() => both.every(({ shared }) => shared.bus.hears()) && two.shared.instances.count() === 2);
  await pass(1_000); // one was alone when it last asked how many they are
  await until(() => one.shared.instances.count() === 2);
  return {
    one,
    two,
    both,
    books,
    clock,
    pass,
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
      await books[Symbol.asyncDispose]();
    },
  };
}
