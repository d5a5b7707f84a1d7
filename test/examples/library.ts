import { z } from 'zod';
import { id, operation, product } from '#contracts/kernel/index.js';
import { next, pageInput } from '#contracts/products/pages.js';
import { type ProductDefinition, numbered, page, serve } from '../../examples/kit/index.js';

const Book = z.object({ id: id('b'), title: z.string(), pages: z.int() });

const Reader = z.object({ reader: z.string().nullable() });

const v1 = product('library', 1, {
  getBook: operation({
    get: '/books/{id}',
    input: z.object({ id: z.string() }),
    output: Book,
    errors: { bookNotFound: 404 },
    absent: 'bookNotFound',
  }),
  listBooks: operation({ get: '/books', input: z.object({ ...pageInput }), output: z.object({ books: z.array(Book), next }) }),
  addBook: operation({ post: '/books', input: z.object({ title: z.string().min(1), pages: z.int().min(1) }), output: Book, status: 201 }),
  burnBook: operation({ delete: '/books/{id}', input: z.object({ id: z.string() }), output: z.undefined() }),
  countBooks: operation({ get: '/count', input: z.object({}), output: z.object({ count: z.int() }) }),
  findAnything: operation({ get: '/anything', input: z.object({}), output: z.object({ found: z.boolean() }) }),
  whoReads: operation({ get: '/reader', input: z.object({}), output: Reader }),
  openingHours: operation({ get: '/hours', input: z.object({}), output: Reader, dependsOn: 'public' }),
});

const v2 = product('library', 2, {
  getBook: operation({
    get: '/books/{id}',
    input: z.object({ id: z.string() }),
    output: z.object({ name: z.string() }),
    errors: { bookNotFound: 404 },
  }),
});

const BOOK = 'SELECT id, title, pages FROM books';
const Count = z.object({ count: z.int() });
const count = 'SELECT count(*) AS count FROM books';

/** A product made for the kit's tests: 45 books, two versions, one operation that breaks its promise and one with a bug, two that say for whom they are asked. */
export const library: ProductDefinition = {
  name: 'library',
  port: 0,
  keyVariable: 'LIBRARY_API_KEY',
  migrations: ['CREATE TABLE books (id TEXT PRIMARY KEY, title TEXT NOT NULL, pages INTEGER NOT NULL) STRICT'],
  seed(db, random) {
    for (let n = 1; n <= 45; n++)
      db.run('INSERT INTO books (id, title, pages) VALUES ($id, $title, $pages)', {
        id: numbered('b', n),
        title: `Book ${n}`,
        pages: random.int(50, 900),
      });
  },
  serves: [
    serve(v1, {
      getBook({ input, db, fail }) {
        const book = db.one(Book, `${BOOK} WHERE id = $id`, { id: input.id });
        if (book === undefined) throw fail('bookNotFound', `There is no book ${input.id}.`);
        return book;
      },
      listBooks({ input, db }) {
        const { rows, next } = page(input, {
          key: z.tuple([z.int(), z.string()]),
          first: [0, ''],
          read: ([pages, id], take) =>
            db.all(Book, `${BOOK} WHERE (pages, id) > ($pages, $id) ORDER BY pages, id LIMIT $take`, { pages, id, take }),
          keyOf: (book) => [book.pages, book.id],
        });
        return { books: rows, next };
      },
      addBook({ input, db }) {
        const book = { id: numbered('b', (db.one(Count, count)?.count ?? 0) + 1), ...input };
        db.run('INSERT INTO books (id, title, pages) VALUES ($id, $title, $pages)', book);
        return book;
      },
      burnBook({ input, db }) {
        db.run('DELETE FROM books WHERE id = $id', { id: input.id });
        return undefined;
      },
      countBooks: () => ({ count: 0.5 }),
      findAnything() {
        throw new Error('nobody wrote this');
      },
      whoReads: ({ user }) => ({ reader: user ?? null }),
      openingHours: ({ user }) => ({ reader: user ?? null }),
    }),
    serve(v2, {
      getBook({ input, db, fail }) {
        const book = db.one(Book, `${BOOK} WHERE id = $id`, { id: input.id });
        if (book === undefined) throw fail('bookNotFound');
        return { name: book.title };
      },
    }),
  ],
};
