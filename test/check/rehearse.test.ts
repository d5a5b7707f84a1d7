import { describe, expect, it } from '@jest/globals';
import { nameOf, optional } from '#contracts/kernel/index.js';
import { type Rehearsal, rehearsals } from '../../src/check/rehearse.js';
import { composition } from '../../src/composition/composition.js';
import { order } from '../../src/compositions/order.js';
import { orders } from '../../src/compositions/orders.js';
import { parse } from '../../src/policy/load.js';
import { resolve, snapshotOf } from '../../src/policy/resolve.js';
import { opened } from '../open-access.js';
import { contractsOf, register, sources } from '../../src/registry/registry.js';
import { assessed, library, people, texts } from './library.js';

const books = library.listBooks.reads({ books: { id: true, authorId: true, shelfId: true }, next: true });
const author = optional(people.getAuthor.reads({ name: true }));

/** Awaits each author before it asks for the next. */
const oneByOne = composition(texts({ books: 'required', author: 'optional' }), {
  uses: { books, author },
  async compose({ books, author }) {
    const names: string[] = [];
    for (const { authorId } of (await books({})).books) names.push((await author({ id: authorId }))?.name ?? '');
    return names;
  },
});

/** The same with all authors under way at once. */
const atOnce = composition(texts({ books: 'required', author: 'optional' }), {
  uses: { books, author },
  async compose({ books, author, gather }) {
    const page = await books({});
    const { authors } = await gather({ authors: page.books.map(({ authorId }) => author({ id: authorId })) });
    return authors.map((found) => found?.name ?? '');
  },
});

/** `20 ms people v1 getAuthor`: every call with its time. */
const timeline = ({ calls }: Rehearsal): readonly string[] =>
  calls.map(({ at, operation, keys }) => `${at} ms ${nameOf(operation)}${keys === undefined ? '' : ` for ${keys}`}`);

describe('a loop that awaits each call', () => {
  it('is found: its calls and its time grow with the list', async () => {
    const { few, many, warnings } = await assessed(oneByOne);
    expect([few.calls.length, few.ms, many.calls.length, many.ms]).toEqual([3, 60, 21, 420]);
    expect(timeline(few)).toEqual(['0 ms library v1 listBooks', '20 ms people v1 getAuthor', '40 ms people v1 getAuthor']);
    expect(warnings).toEqual([
      'GET /v1/texts: where every call takes its whole deadline, its answer lacks author (timeout) after 2000 ms',
      'GET /v1/texts: calls people v1 getAuthor 2 times for lists of 2 and 20 times for lists of 20; call them before the first one is awaited (gather), and they go out as one listAuthors',
      'GET /v1/texts: passes its fanOut of 50 with lists of more than about 49',
    ]);
  });

  it('that makes more calls than the route may is said to, though it is rehearsed to its end', async () => {
    const { many, warnings } = await assessed(oneByOne, `routes: { 'GET /v1/texts': { fanOut: 10 } }\n`);
    expect(many.calls).toHaveLength(21);
    expect(warnings.at(-1)).toBe('GET /v1/texts: makes 21 product calls for lists of 20; its fanOut is 10');
  });

  it('is late where products are slow, and lacks what it was about to call', async () => {
    const { slow } = await assessed(oneByOne, `routes: { 'GET /v1/texts': { deadline: 2100ms } }\n`);
    expect(slow).toMatchObject({ ms: 2100, composed: { kind: 'answer', complete: false } });
    expect(timeline(slow)).toEqual(['0 ms library v1 listBooks', '799 ms people v1 getAuthor', '1598 ms people v1 getAuthor']);
  });
});

describe('a list whose calls are under way at once', () => {
  it('is one batch, however long it is', async () => {
    const { few, many, slow, warnings } = await assessed(atOnce);
    expect(timeline(few)).toEqual(['0 ms library v1 listBooks', '20 ms people v1 listAuthors for 2']);
    expect(timeline(many)).toEqual(['0 ms library v1 listBooks', '20 ms people v1 listAuthors for 20']);
    expect([many.ms, slow.ms]).toEqual([40, 1598]);
    expect(warnings).toEqual([]);
  });

  it('grows where no operation takes many, and that is what is advised', async () => {
    const shelves = composition(texts({ books: 'required', shelf: 'required' }), {
      uses: { books, shelf: library.getShelf.reads({ room: true }) },
      async compose({ books, shelf, gather }) {
        const { rooms } = await gather({ rooms: (await books({})).books.map(({ shelfId }) => shelf({ id: shelfId })) });
        return rooms.map(({ room }) => room);
      },
    });
    const { many, warnings } = await assessed(shelves);
    expect([many.calls.length, many.ms]).toEqual([21, 40]);
    expect(warnings[0]).toBe(
      'GET /v1/texts: calls library v1 getShelf 2 times for lists of 2 and 20 times for lists of 20; an operation with `batches` would make them one call',
    );
  });

  it('may go out in chunks, which is no loop', async () => {
    const chunks = composition(texts({ books: 'required', book: 'optional' }), {
      uses: { books, book: optional(library.getBook.reads({ title: true })) },
      async compose({ books, book, gather }) {
        const { found } = await gather({ found: (await books({})).books.map(({ id }) => book({ id })) });
        return found.map((one) => one?.title ?? '');
      },
    });
    const { many, warnings } = await assessed(chunks);
    expect(timeline(many).slice(1)).toEqual([8, 8, 4].map((keys) => `20 ms library v1 manyBooks for ${keys}`));
    expect(warnings).toEqual(['GET /v1/texts: passes its fanOut of 50 with lists of more than about 434']);
  });
});

describe('a rehearsal', () => {
  it('comes out the same every time', async () => {
    const [one, other] = [await assessed(oneByOne), await assessed(oneByOne)];
    expect(one).toEqual(other);
  });

  it('reads pages to a last one', async () => {
    const all = composition(texts({ books: 'required' }), {
      uses: { books },
      async compose({ books }) {
        const ids: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await books(cursor === undefined ? {} : { cursor });
          ids.push(...page.books.map(({ id }) => id));
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        return ids;
      },
    });
    expect(await assessed(all)).toMatchObject({ many: { ms: 40 }, warnings: [] });
  });

  it('waits for no socket and no file: what does is named', async () => {
    const elsewhere = composition(texts({ books: 'optional' }), {
      uses: { books: optional(books) },
      compose: () => new Promise<string[]>(() => undefined),
    });
    expect((await assessed(elsewhere)).warnings).toEqual([
      'GET /v1/texts: on samples of its contracts it ends with a mistake: GET /v1/texts awaits something else than its parts: it did not end with its deadline',
    ]);
  });

  it('says where an answer does not fit its contract, and where it ends early', async () => {
    const wrong = composition(texts({ books: 'required' }), {
      uses: { books },
      compose: () => Promise.resolve([1] as unknown as string[]),
    });
    const early = composition(texts({ books: 'required' }, { noBooks: 404 }), {
      uses: { books },
      async compose({ books, fail }) {
        await books({});
        throw fail('noBooks');
      },
    });
    expect((await assessed(wrong)).warnings[0]).toMatch(
      /it ends with a mistake: .* composed something else than its contract says, at \.: /,
    );
    expect((await assessed(early)).warnings).toEqual([
      'GET /v1/texts: on samples of its contracts it ends with its error noBooks: what comes after that is not rehearsed',
    ]);
  });
});

describe('availability', () => {
  it('is that of the products of required parts, each once', async () => {
    const both = composition(texts({ books: 'required', book: 'required', author: 'optional' }), {
      uses: { books, book: library.getBook.reads({ title: true }), author },
      compose: () => Promise.resolve([]),
    });
    const { available, complete } = await assessed(both);
    expect(available).toBeCloseTo(0.99, 10);
    expect(complete).toBeCloseTo(0.99 ** 2, 10);
  });
});

describe('of the compositions that stand here', () => {
  const yaml = `defaults: { product: { deadline: 800ms }, route: { deadline: 2s } }\nproducts:\n`;

  it.each([
    [
      'a page of orders is two calls, one after the other',
      orders,
      ['0 ms new-pilot-shop v1 listOrders', '20 ms auth v1 listUsers for 20'],
      40,
    ],
    [
      'an order is its own call, then its customer and all its items at once',
      order,
      ['0 ms new-pilot-shop v1 getOrder', '20 ms auth v1 getUser', '20 ms new-pilot-shop v1 listItems for 20'],
      40,
    ],
  ])('%s', async (_, code, calls, ms) => {
    const registry = register(await sources());
    const products = [...new Set(registry.operations.map(({ product }) => `  ${product}: { urls: ['http://p'] }\n`))].join('');
    const contracts = contractsOf(registry);
    const resolved = resolve(opened(parse(yaml + products, 'gateway.yaml'), contracts), contracts, undefined);
    const snapshot = snapshotOf(resolved, { git: resolved.git, overrides: new Map() }, new Set(), '1');
    const rehearsal = await rehearsals(registry.operations, snapshot)(code, { items: 20, latencyMs: 20 });
    expect([timeline(rehearsal), rehearsal.ms]).toEqual([calls, ms]);
  });
});
