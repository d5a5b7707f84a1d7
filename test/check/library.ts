import { z } from 'zod';
import { type ErrorStatuses, type Parts, id, operation, product, route } from '#contracts/kernel/index.js';
import { type RouteReport, assess } from '../../src/check/assess.js';
import type { Sound } from '../../src/check/boot-checks.js';
import { rehearsals } from '../../src/check/rehearse.js';
import type { Composition } from '../../src/composition/composition.js';
import { parse } from '../../src/policy/load.js';
import { resolve, snapshotOf } from '../../src/policy/resolve.js';
import { opened } from '../open-access.js';
import { type Registry, contractsOf } from '../../src/registry/registry.js';

const Book = z.object({ id: id('k'), title: z.string(), authorId: id('u'), shelfId: id('s') });

/** A product with pages of books; books can be had many at once, shelves one by one only. */
export const library = product('library', 1, {
  listBooks: operation({
    get: '/books',
    input: z.object({ cursor: z.string().optional() }),
    output: z.object({ books: z.array(Book), next: z.string().nullable() }),
  }),
  getBook: operation({
    get: '/books/{id}',
    input: z.object({ id: id('k') }),
    output: Book,
    errors: { bookNotFound: 404 },
    absent: 'bookNotFound',
  }),
  manyBooks: operation({
    get: '/many-books',
    input: z.object({ ids: z.array(id('k')) }),
    output: z.array(Book),
    batches: { one: 'getBook', each: 'id', list: 'ids', by: 'id', atMost: 8 },
  }),
  getShelf: operation({ get: '/shelves/{id}', input: z.object({ id: id('s') }), output: z.object({ id: id('s'), room: z.string() }) }),
});

/** Who wrote the books. */
export const people = product('people', 1, {
  getAuthor: operation({
    get: '/authors/{id}',
    input: z.object({ id: id('u') }),
    output: z.object({ id: id('u'), name: z.string() }),
    errors: { authorNotFound: 404 },
    absent: 'authorNotFound',
  }),
  listAuthors: operation({
    get: '/authors',
    input: z.object({ ids: z.array(id('u')) }),
    output: z.object({ authors: z.array(z.object({ id: id('u'), name: z.string() })) }),
    batches: { one: 'getAuthor', each: 'id', list: 'ids', at: 'authors', by: 'id', atMost: 100 },
  }),
});

/** A route with these parts that gives a list of texts. */
export const texts = <const P extends Parts, const E extends ErrorStatuses = Record<never, never>>(parts: P, errors?: E) =>
  route('GET /v1/texts', {
    input: z.object({}),
    output: z.array(z.string()),
    parts,
    ...(errors === undefined ? {} : { errors }),
  });

/** What a gateway with these compositions would start with, under this policy. */
function sound(compositions: readonly Composition[], policy = ''): Sound {
  const registry: Registry = { operations: [...Object.values(library), ...Object.values(people)], compositions, consumers: [] };
  const yaml = `defaults: { product: { deadline: 800ms }, route: { deadline: 2s } }\nproducts:\n  library: { urls: ['http://l'] }\n  people: { urls: ['http://p'] }\n`;
  const contracts = contractsOf(registry);
  const resolved = resolve(opened(parse(yaml + policy, 'gateway.yaml'), contracts), contracts, undefined);
  const snapshot = snapshotOf(resolved, { git: resolved.git, overrides: new Map() }, new Set(), '1');
  return { compositions, resolved, snapshot, warnings: [] };
}

/** What is said of one composition where every call takes 20 ms. */
export function assessed(composition: Composition, policy = ''): Promise<RouteReport> {
  const terms = sound([composition], policy);
  return assess(composition, terms, rehearsals(terms.resolved.contracts.operations, terms.snapshot), { latencyMs: 20, availability: 0.99 });
}
