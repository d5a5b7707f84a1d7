import { z } from 'zod';
import { consumer, id, operation, optional, product, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type FakeProduct, fakeProduct } from '../fake-product.js';
import { type TestGateway, type Wanted, testGateway } from '../gateway.js';

const Book = z.object({
  id: z.string().meta({ example: 'b-1' }),
  title: z.string().meta({ example: 'Night Flight' }),
  year: z.int().meta({ example: 1931 }),
  author: z.object({ name: z.string().meta({ example: 'Antoine' }), born: z.int().meta({ example: 1900 }) }),
});

/** Books: one operation for each way that an input can travel. Ids are any text, so that the gateway itself has to be careful. */
const library = product('library', 1, {
  getBook: operation({
    get: '/books/{id}',
    input: z.object({ id: z.string() }),
    output: Book,
    errors: { bookNotFound: 404, bookLost: 410 },
    dependsOn: 'public',
  }),
  findBooks: operation({
    get: '/books',
    headers: { language: 'accept-language' },
    input: z.object({
      title: z.string().max(200).optional(),
      year: z.int().min(1400).optional(),
      lent: z.boolean().optional(),
      shelf: z.array(z.string().max(200)).max(3).optional(),
      language: z.string().max(200).optional(),
    }),
    output: z.object({ books: z.array(Book) }),
    dependsOn: 'public',
  }),
  addBook: operation({
    post: '/books',
    input: z.object({ title: z.string().min(1), year: z.int(), tags: z.array(z.string()).optional(), notes: z.json().optional() }),
    output: z.object({ id: z.string() }),
    status: 201,
    errors: { titleTaken: 409 },
  }),
  renameBook: operation({ put: '/books/{id}', input: z.object({ id: z.string(), title: z.string() }), output: Book }),
  removeBook: operation({ delete: '/books/{id}', input: z.object({ id: z.string() }), output: z.undefined() }),
});

/** Readers, in the second version of their API. */
const people = product('people', 2, {
  getReader: operation({
    get: '/readers/{id}',
    input: z.object({ id: z.string() }),
    output: z.object({ id: z.string(), name: z.string().meta({ example: 'Ada' }) }),
    errors: { readerNotFound: 404 },
    absent: 'readerNotFound',
  }),
});

/** A consumer that the gateway knows. */
export const kiosk = consumer('kiosk', { book: library.getBook.reads({ title: true }) });

/** A book, and who asks for it, if that can be told. */
export const bookPage = composition(
  route('GET /v1/books/{bookId}', {
    input: z.object({ bookId: z.string(), reader: z.string().optional() }),
    output: z.object({ title: z.string(), greeting: z.string().nullable() }),
    errors: { bookUnknown: 404 },
    parts: { book: 'required', reader: 'optional' },
  }),
  {
    uses: {
      book: library.getBook.reads({ title: true, author: { name: true } }),
      reader: optional(people.getReader.reads({ name: true })),
    },
    errors: { book: { bookNotFound: 'bookUnknown' } },
    async compose({ input, book, reader, gather }) {
      const found = await gather({
        book: book({ id: input.bookId }),
        reader: input.reader === undefined ? undefined : reader({ id: input.reader }),
      });
      return { title: `${found.book.title}, ${found.book.author.name}`, greeting: found.reader?.name ?? null };
    },
  },
);

/** What a list of books depends on is nobody's: everything in it is public. */
export const catalog = composition(
  route('GET /v1/catalog', {
    headers: { language: 'accept-language' },
    input: z.object({
      title: z.string().max(200).optional(),
      shelf: z.array(z.string().max(200)).max(3).optional(),
      language: z.string().max(200).optional(),
    }),
    output: z.object({ titles: z.array(z.string()) }),
    parts: { books: 'required' },
  }),
  {
    uses: { books: library.findBooks.reads({ books: { title: true } }) },
    compose: async ({ input, books }) => ({ titles: (await books(input)).books.map(({ title }) => title) }),
  },
);

/** Lends a book: a composed route that takes a body. Ids are ids, as contracts have them; a wish is any text. */
export const loan = composition(
  route('POST /v1/loans', {
    input: z.object({ bookId: id('b'), readerId: id('r'), days: z.int().min(1).max(60), wish: z.string().max(200).optional() }),
    output: z.object({ line: z.string(), others: z.array(z.string()) }),
    parts: { book: 'required', reader: 'required', others: 'optional' },
  }),
  {
    uses: {
      book: library.getBook.reads({ title: true }),
      reader: people.getReader.reads({ name: true }),
      others: optional(library.findBooks.reads({ books: { title: true } })),
    },
    async compose({ input, book, reader, others, gather }) {
      const found = await gather({
        book: book({ id: input.bookId }),
        reader: reader({ id: input.readerId }),
        others: input.wish === undefined ? undefined : others({ title: input.wish }),
      });
      return {
        line: `${found.book.title} for ${found.reader.name}, ${input.days} days`,
        others: found.others?.books.map(({ title }) => title) ?? [],
      };
    },
  },
);

/** A gateway over both products, its routes open. */
export interface Library extends AsyncDisposable {
  readonly gateway: TestGateway;
  readonly books: FakeProduct;
  readonly readers: FakeProduct;
}

/** Opens the library; `wanted` says what is to be different. */
export async function openLibrary(wanted: Partial<Wanted> = {}): Promise<Library> {
  const books = await fakeProduct(library);
  const readers = await fakeProduct(people);
  const gateway = await testGateway({
    products: [books, readers],
    compositions: [bookPage, catalog, loan],
    consumers: [kiosk],
    ...wanted,
  });
  return {
    gateway,
    books,
    readers,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await books[Symbol.asyncDispose]();
      await readers[Symbol.asyncDispose]();
    },
  };
}
