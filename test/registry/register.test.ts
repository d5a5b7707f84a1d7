import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { consumer, operation, optional, product, route } from '#contracts/kernel/index.js';
import { type Composition, composition } from '../../src/composition/composition.js';
import { ContractError } from '../../src/registry/contract-error.js';
import { type Sources, operationsOf, register } from '../../src/registry/registry.js';

const none = z.object({});
const byId = z.object({ id: z.string() });
const getBook = () => operation({ get: '/books/{id}', input: byId, output: byId });

const library = product('library', 1, { getBook: getBook() });
const page = route('GET /v1/books/{id}', { input: byId, output: byId, parts: { book: 'required' } });
const served = composition(page, {
  uses: { book: library.getBook.reads({ id: true }) },
  compose: ({ input, book }) => Promise.resolve(book(input)),
});
const kiosk = consumer('kiosk', { book: library.getBook.reads({ id: true }) });

/** Sources that stand together; a test replaces what it breaks. */
const sound: Sources = {
  products: [{ file: 'contracts/products/library/v1.ts', value: library }],
  routes: [{ file: 'contracts/public/v1/book.ts', value: page }],
  compositions: [{ file: 'src/compositions/book.ts', value: served }],
  consumers: [{ file: 'contracts/consumers/kiosk.ts', value: kiosk }],
};

function problems(sources: Partial<Sources>): readonly string[] {
  try {
    register({ ...sound, ...sources });
    return [];
  } catch (error) {
    if (error instanceof ContractError) return error.problems;
    throw error;
  }
}

/** A route with a composition that needs no product, and where they stand. */
function pair(line: string, name: string): { route: Sources['routes'][number]; composition: Sources['compositions'][number] } {
  const fields = Object.fromEntries([...line.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => [field, z.string()]));
  const contract = route(line, { input: z.object(fields), output: none, parts: {} });
  const code: Composition = composition(contract, { uses: {}, compose: async () => ({}) });
  return {
    route: { file: `contracts/public/v1/${name}.ts`, value: contract },
    composition: { file: `src/compositions/${name}.ts`, value: code },
  };
}

describe('contracts that stand together', () => {
  it('are registered: operations in order, compositions, consumers', () => {
    const registry = register(sound);
    expect(registry).toEqual({ operations: [library.getBook], compositions: [served], consumers: [kiosk] });
    expect(operationsOf(served, registry.operations)).toEqual([library.getBook]);
  });

  it('may have two versions of a product, and the same path in both', () => {
    const second = product('library', 2, { getBook: getBook() });
    expect(problems({ products: [...sound.products, { file: 'contracts/products/library/v2.ts', value: second }] })).toEqual([]);
  });

  it('may have one path under two methods, and a fixed segment beside a field', () => {
    const all = [pair('POST /v1/things/{id}', 'a'), pair('PUT /v1/things/{id}', 'b'), pair('PUT /v1/things/new', 'c')];
    expect(
      problems({
        routes: [...sound.routes, ...all.map((each) => each.route)],
        compositions: [...sound.compositions, ...all.map((each) => each.composition)],
      }),
    ).toEqual([]);
  });

  it('count the operation that stands for many calls among those that a composition may make', () => {
    const many = product('shelf', 1, {
      getBook: operation({ get: '/books/{id}', input: byId, output: byId, errors: { none: 404 }, absent: 'none' }),
      listBooks: operation({
        get: '/books',
        input: z.object({ ids: z.array(z.string()) }),
        output: z.array(byId),
        batches: { one: 'getBook', each: 'id', list: 'ids', by: 'id', atMost: 10 },
      }),
    });
    const code = composition(page, {
      uses: { book: many.getBook.reads({ id: true }) },
      compose: ({ input, book }) => Promise.resolve(book(input)),
    });
    expect(operationsOf(code, Object.values(many))).toEqual([many.getBook, many.listBooks]);
  });
});

describe('contracts that cannot stand together are refused, with the files:', () => {
  it('a version of a product that two files declare', () => {
    const twin = product('library', 1, { getBook: getBook() });
    expect(problems({ products: [...sound.products, { file: 'contracts/products/library/v1.ts', value: twin }] })).toEqual([
      'contracts/products/library/v1.ts and contracts/products/library/v1.ts both declare library v1: each version of a product has one contract',
    ]);
  });

  it.each([
    ['contracts/products/library/v2.ts'],
    ['contracts/products/books/v1.ts'],
    ['contracts/products/library.ts'],
    ['contracts/products/library/v1/index.ts'],
  ])('a product that stands elsewhere than its name and version say: %s', (file) => {
    expect(problems({ products: [{ file, value: library }] })).toEqual([
      `${file}: declares library v1, whose place is contracts/products/library/v1.ts`,
    ]);
  });

  it('two products in one file', () => {
    const file = 'contracts/products/library/v1.ts';
    const second = product('library', 2, { getBook: getBook() });
    expect(problems({ products: [...sound.products, { file, value: second }] })).toEqual([
      `${file}: declares library v2, whose place is contracts/products/library/v2.ts`,
    ]);
  });

  it('two operations that answer the same calls', () => {
    const clashing = product('library', 1, {
      getBook: getBook(),
      findBook: operation({ get: '/books/{title}', input: z.object({ title: z.string() }), output: byId }),
    });
    expect(problems({ products: [{ file: 'contracts/products/library/v1.ts', value: clashing }], routes: [], compositions: [] })).toEqual([
      'contracts/products/library/v1.ts: getBook and findBook clash: both answer library v1 GET /books/{}',
    ]);
  });

  it('two routes that would answer the same requests, however their fields are called', () => {
    const one = pair('GET /v1/things/{thingId}', 'one');
    const two = pair('GET /v1/things/{id}', 'two');
    expect(
      problems({
        routes: [...sound.routes, one.route, two.route],
        compositions: [...sound.compositions, one.composition, two.composition],
      }),
    ).toEqual([
      'contracts/public/v1/one.ts ("GET /v1/things/{thingId}") and contracts/public/v1/two.ts ("GET /v1/things/{id}") clash: both would answer the same requests',
    ]);
  });

  it('a route where the products’ own routes are', () => {
    const own = pair('GET /products/library/v1/books', 'own');
    expect(problems({ routes: [...sound.routes, own.route], compositions: [...sound.compositions, own.composition] })).toEqual([
      'contracts/public/v1/own.ts: "GET /products/library/v1/books": /products/ belongs to the products\' own routes',
    ]);
  });

  it('a route without a composition', () => {
    expect(problems({ compositions: [] })).toEqual([
      'contracts/public/v1/book.ts: "GET /v1/books/{id}" has no composition in src/compositions/',
    ]);
  });

  it('a route with two compositions', () => {
    const second = composition(page, {
      uses: { book: library.getBook.reads({ id: true }) },
      compose: ({ input, book }) => Promise.resolve(book(input)),
    });
    expect(problems({ compositions: [...sound.compositions, { file: 'src/compositions/other.ts', value: second }] })).toEqual([
      'src/compositions/book.ts and src/compositions/other.ts both compose "GET /v1/books/{id}": a route has one composition',
    ]);
  });

  it('a part of an operation that no contract has', () => {
    const elsewhere = product('archive', 3, { getBook: getBook() });
    const code = composition(page, {
      uses: { book: elsewhere.getBook.reads({ id: true }) },
      compose: ({ input, book }) => Promise.resolve(book(input)),
    });
    expect(problems({ compositions: [{ file: 'src/compositions/book.ts', value: code }] })).toEqual([
      'src/compositions/book.ts: part "book" uses archive v3 getBook, whose contract does not stand in contracts/products/',
    ]);
  });

  it('a part that its route does not list, where the types were not heard', () => {
    const loose: Composition = {
      ...served,
      uses: { book: library.getBook.reads({ id: true }), extra: optional(library.getBook.reads({ id: true })) },
    };
    expect(problems({ compositions: [{ file: 'src/compositions/book.ts', value: loose }] })).toEqual([
      'src/compositions/book.ts: part "extra" is not listed by "GET /v1/books/{id}"',
    ]);
  });

  it('a consumer that two files declare', () => {
    expect(problems({ consumers: [...sound.consumers, { file: 'contracts/consumers/other.ts', value: consumer('kiosk', {}) }] })).toEqual([
      'contracts/consumers/kiosk.ts and contracts/consumers/other.ts both declare the consumer kiosk',
    ]);
  });

  it('all that is wrong is told at once', () => {
    expect(problems({ products: [{ file: 'contracts/products/books/v1.ts', value: library }], compositions: [] })).toHaveLength(2);
  });
});
