import { z } from 'zod';
import { type AnyOperation, type AnyPart, type Failure, type FailureKind, operation, product } from '#contracts/kernel/index.js';
import { cache } from '../../src/cache/cache.js';
import { type CacheObserver, Caches, type CachesTerms } from '../../src/cache/caches.js';
import { invalidate } from '../../src/cache/invalidate.js';
import { Store } from '../../src/cache/store.js';
import type { CachePolicy } from '../../src/policy/snapshot.js';
import { type Headers, type Outcome, answered, failed } from '../../src/upstream/answer.js';
import { batch } from '../../src/upstream/batch.js';
import { Call, type Identity, type Next } from '../../src/upstream/call.js';
import { coalesce } from '../../src/upstream/coalesce.js';
import { endpoints } from '../../src/upstream/endpoint.js';
import { build } from '../../src/upstream/stack.js';
import { Target } from '../../src/upstream/target.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { Below, type Request, drained, request } from '../upstream/layers/calls.js';

const Book = z.object({ id: z.string(), title: z.string(), pages: z.int() });
const errors = { bookNotFound: 404, bookHidden: 403 } as const;

/** A product with everything that a cache can tell apart. */
export const library = product('library', 1, {
  getBook: operation({
    get: '/books/{id}',
    input: z.object({ id: z.string(), language: z.string().optional() }),
    headers: { language: 'accept-language' },
    output: Book,
    errors,
    absent: 'bookNotFound',
    dependsOn: 'public',
    tags: ({ id }) => [`book:${id}`],
  }),
  listBooks: operation({
    get: '/books',
    input: z.object({ page: z.int().optional() }),
    output: z.array(Book),
    dependsOn: 'public',
    tags: () => ['books'],
  }),
  getBooks: operation({
    get: '/many-books',
    input: z.object({ ids: z.array(z.string()), language: z.string().optional() }),
    headers: { language: 'accept-language' },
    output: z.object({ books: z.array(Book) }),
    dependsOn: 'public',
    batches: { one: 'getBook', each: 'id', list: 'ids', at: 'books', by: 'id', atMost: 100 },
  }),
  getPrices: operation({ get: '/prices', input: z.object({}), output: z.json(), dependsOn: 'consumer' }),
  getLoans: operation({ get: '/loans', input: z.object({}), output: z.json() }),
  getIndex: operation({
    get: '/index',
    input: z.object({ words: z.int() }),
    output: z.json(),
    dependsOn: 'public',
    tags: ({ words }) => Array.from({ length: words }, (_, i) => `word:${i}`),
  }),
  search: operation({ post: '/search', repeatable: true, input: z.object({ text: z.string() }), output: z.json(), dependsOn: 'public' }),
  putBook: operation({
    put: '/books/{id}',
    input: z.object({ id: z.string(), title: z.string() }),
    output: z.json(),
    tags: ({ id }) => [`book:${id}`, 'books'],
  }),
  sortBooks: operation({ post: '/sort', repeatable: true, input: z.object({ by: z.string() }), output: z.json(), tags: () => ['books'] }),
  replaceBooks: operation({ put: '/books', repeatable: true, input: z.object({ titles: z.array(z.string()) }), output: z.json() }),
  addBook: operation({ post: '/books', input: z.object({ title: z.string() }), output: z.json() }),
});

const nowhere = new Target({
  urls: [],
  credential: undefined,
  connections: 1,
  connectTimeoutMs: 1,
  maxAnswerBytes: 1,
});
const known = endpoints(Object.values(library), () => nowhere);

/** A book as the library gives it. */
export const book = (id: string, more: object = {}) => ({ id, title: `Title of ${id}`, pages: 100, ...more });

/** A call of the library. */
export function callOf(operation: AnyOperation, input: Readonly<Record<string, unknown>>, by: Request, part?: AnyPart): Call {
  const endpoint = known.get(operation);
  if (!endpoint) throw new RangeError(`no endpoint for ${operation.name}`);
  const outgoing = endpoint.write(input);
  if ('message' in outgoing) throw new TypeError(outgoing.message);
  return new Call(endpoint, input, outgoing, by, part, by.cancellation);
}

/** Fresh for 10 s, stale for 20 s more, in place of an error for 60 s; that there is none, for 5 s. */
export const kept: CachePolicy = { freshMs: 10_000, staleMs: 20_000, staleIfErrorMs: 60_000, absentMs: 5_000 };

/** What an observer was told. */
class Told implements CacheObserver {
  readonly bugs: unknown[] = [];
  readonly undecoded: string[] = [];

  bug(error: unknown): void {
    this.bugs.push(error);
  }

  undecodable(product: string): void {
    this.undecoded.push(product);
  }
}

/** An answer with this value and these headers. */
export const says = (value: unknown, headers: Headers = {}, status = 200): Outcome => answered({ status, headers, value });

/** A failure of this kind. */
export const fails = (kind: FailureKind, more: Partial<Failure> = {}): Outcome =>
  failed({ kind, product: 'library', version: 1, operation: 'getBook', message: `it was ${kind}`, ...more });

/** The product says that there is no such book. */
export const absent = (headers?: Headers): Outcome => {
  const outcome = fails('declared', { error: 'bookNotFound', status: 404 });
  return headers && !outcome.ok ? failed(outcome.failure, headers) : outcome;
};

/** Cache, single flight and invalidation over a product that a test speaks for, with a clock moved by hand and no jitter. */
export class Shelves {
  readonly clock: HandClock;
  readonly told = new Told();
  readonly caches: Caches;
  readonly below = new Below();
  readonly ask: Next;
  policy: CachePolicy = kept;

  constructor(terms: Partial<CachesTerms> & { readonly clock?: HandClock } = {}) {
    this.clock = terms.clock ?? handClock();
    this.caches = new Caches({
      random: () => 0.5,
      store: new Store({ maxBytes: 1_000_000, maxEntries: 1000 }),
      observer: this.told,
      ...terms,
      clock: this.clock,
    });
    this.ask = build([cache(this.caches), coalesce(this.caches), invalidate(this.caches), batch(() => undefined)], this.below.next);
  }

  /** One request with the policy that is in force now. */
  request(who: Partial<Identity> = {}): Request {
    return request({ ...who, policy: { cache: this.policy } });
  }

  /** Asks for the book b-1, which is everybody's, and has the product say this where it is asked. */
  async book(said: Outcome = says(book('b-1')), by: Request = this.request(), part?: AnyPart): Promise<Outcome> {
    return this.get(library.getBook, { id: 'b-1' }, said, by, part);
  }

  /** Asks for anything, and has the product say this where it is asked. */
  async get(
    operation: AnyOperation,
    input: Readonly<Record<string, unknown>>,
    said: Outcome,
    by: Request = this.request(),
    part?: AnyPart,
  ): Promise<Outcome> {
    const before = this.below.calls.length;
    const outcome = Promise.resolve(this.ask(callOf(operation, input, by, part)));
    await drained();
    for (let i = before; i < this.below.calls.length; i++) this.below.lands(said, i);
    await drained();
    return outcome;
  }

  /** How often the product was asked. */
  get asked(): number {
    return this.below.calls.length;
  }

  /** The last call that the product got. */
  get last(): Call {
    const last = this.below.calls.at(-1);
    if (!last) throw new RangeError('the product was not asked');
    return last;
  }
}
