import { z } from 'zod';
import { describe, expect, it } from '@jest/globals';
import { operation, optional, product, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type FakeProduct, fakeProduct } from '../fake-product.js';
import { type Got, type TestGateway, testGateway } from '../gateway.js';

const Person = z.object({ id: z.string(), name: z.string() });

const staff = product('staff', 1, {
  getPerson: operation({
    get: '/people/{id}',
    input: z.object({ id: z.string() }),
    output: Person,
    errors: { personNotFound: 404 },
    absent: 'personNotFound',
    dependsOn: 'public',
  }),
  getPeople: operation({
    get: '/people',
    input: z.object({ ids: z.array(z.string()).max(50) }),
    output: z.object({ people: z.array(Person) }),
    dependsOn: 'public',
    batches: { one: 'getPerson', each: 'id', list: 'ids', at: 'people', by: 'id', atMost: 50 },
  }),
  getWage: operation({ get: '/wages/{id}', input: z.object({ id: z.string() }), output: z.object({ wage: z.int() }) }),
  praise: operation({ post: '/praise', input: z.object({ id: z.string() }), output: z.object({ times: z.int() }) }),
});

const team = composition(
  route('GET /v1/team', {
    input: z.object({ ids: z.array(z.string()).max(20), wages: z.boolean().optional() }),
    output: z.object({ names: z.array(z.string().nullable()), wage: z.int().nullable() }),
    parts: { people: 'optional', wage: 'optional' },
  }),
  {
    uses: { people: optional(staff.getPerson.reads({ name: true })), wage: optional(staff.getWage.reads({ wage: true })) },
    async compose({ input, people, wage, gather }) {
      const found = await gather({
        people: input.ids.map((id) => people({ id })),
        wage: input.wages === true ? wage({ id: input.ids[0] ?? '' }) : undefined,
      });
      return { names: found.people.map((one) => one?.name ?? null), wage: found.wage?.wage ?? null };
    },
  },
);

interface Office extends AsyncDisposable {
  readonly people: FakeProduct;
  readonly gateway: TestGateway;
}

async function open(cache = 'cache: { fresh: 10s, staleIfError: 1m, absent: 5s }'): Promise<Office> {
  const people = await fakeProduct(staff);
  people.answers('getPerson', ({ id }: { id: string }) => ({ id, name: `Person ${id}` }));
  people.answers('getPeople', ({ ids }: { ids: string[] }) => ({ people: ids.map((id) => ({ id, name: `Person ${id}` })) }));
  const gateway = await testGateway({ products: [people], compositions: [team], product: cache });
  return {
    people,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await people[Symbol.asyncDispose]();
    },
  };
}

const said = ({ headers }: Got): unknown => [headers.get('cache-status'), headers.get('age')];

describe('Cache-Status (RFC 9211) of a product’s own route', () => {
  it('says miss, then hit with the time left, the key and Age', async () => {
    await using office = await open();
    const path = '/products/staff/v1/people/p-1';
    expect(said(await office.gateway.get(path))).toEqual([
      expect.stringMatching(/^interline; fwd=miss; stored; ttl=\d+; key="[\w-]{22}"$/),
      null,
    ]);
    office.gateway.clock.advance(3000);
    expect(said(await office.gateway.get(path))).toEqual([expect.stringMatching(/^interline; hit; ttl=[5-7]; key="[\w-]{22}"$/), '3']);
    expect(office.people.calls).toHaveLength(1);
  });

  it('says what stands in for a failure, and for which', async () => {
    await using office = await open();
    const path = '/products/staff/v1/people/p-1';
    await office.gateway.get(path);
    office.people.breaks(500);
    office.gateway.clock.advance(20_000);
    const got = await office.gateway.get(path);
    expect(got.status).toBe(200);
    expect(said(got)).toEqual([expect.stringMatching(/^interline; hit; ttl=-(9|10|11|12); key="[\w-]{22}"; detail=error$/), '20']);
  });

  it('says that there is none from memory, too', async () => {
    await using office = await open();
    const path = '/products/staff/v1/people/p-9';
    office.people.fails('getPerson', 'personNotFound');
    await office.gateway.get(path);
    office.gateway.clock.advance(2000);
    const got = await office.gateway.get(path);
    expect(got.status).toBe(404);
    expect(said(got)).toEqual([expect.stringMatching(/^interline; hit; ttl=[23]; /), '2']);
    expect(office.people.calls).toHaveLength(1);
  });

  it('says why an answer is not stored: by its product’s word, or since nobody knows whose it is', async () => {
    await using office = await open();
    expect(said(await office.gateway.get('/products/staff/v1/wages/p-1'))).toEqual(['interline; fwd=miss; detail=identity', null]);
    office.people.raw((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'private' }).end('{"id":"p-1","name":"Ada"}');
    });
    const got = await office.gateway.get('/products/staff/v1/people/p-1');
    expect(said(got)).toEqual(['interline; fwd=miss; detail=private', null]);
    expect(got.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('says so where nothing is to be kept, and of a write', async () => {
    await using office = await open('cache: { fresh: off }');
    expect(said(await office.gateway.get('/products/staff/v1/people/p-1'))).toEqual(['interline; fwd=bypass; detail=off', null]);
    const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":"p-1"}' };
    expect(said(await office.gateway.get('/products/staff/v1/praise', body))).toEqual(['interline; fwd=method', null]);
  });

  it('says a TTL that was turned at once, for what is stored already', async () => {
    await using office = await open();
    const path = '/products/staff/v1/people/p-1';
    await office.gateway.get(path);
    office.gateway.clock.advance(3000);
    const { policy } = office.gateway.running.gateway;
    await policy.change({ changes: { 'products.staff.cache.fresh': '2s' }, who: 'ops', reason: 'a correction' });
    expect(said(await office.gateway.get(path))).toEqual([expect.stringMatching(/^interline; fwd=miss; stored; ttl=[12]; /), null]);
    await policy.change({ changes: { 'products.staff.cache.fresh': '1h' }, who: 'ops', reason: 'it was none' });
    office.gateway.clock.advance(60_000);
    expect(said(await office.gateway.get(path))).toEqual([expect.stringMatching(/^interline; hit; ttl=3\d\d\d; /), '60']);
  });
});

describe('the metrics of the caches', () => {
  it('count each sort of answer, and what is kept', async () => {
    await using office = await open();
    const { gateway } = office;
    for (let i = 0; i < 3; i++) await gateway.get('/products/staff/v1/people/p-1');
    const counted = (state: string): Promise<number> => gateway.metric('interline_cache_answers_total', { product: 'staff', state });
    expect([await counted('hit'), await counted('miss'), await counted('stale')]).toEqual([2, 1, 0]);
    expect(await gateway.metric('interline_cache_entries', { product: 'staff' })).toBe(1);
    expect(await gateway.metric('interline_cache_bytes', { product: 'staff' })).toBeGreaterThan(0);
  });
});

describe('Cache-Status of a composed route', () => {
  it('tells of each part that was called, and the answer is as old as its oldest part', async () => {
    await using office = await open();
    const { gateway } = office;
    expect(said(await gateway.get('/v1/team?ids=p-1'))).toEqual([expect.stringMatching(/^interline\/people; fwd=miss; stored; /), null]);
    gateway.clock.advance(4000);
    const got = await gateway.get('/v1/team?ids=p-1&wages=true');
    expect(got.headers.get('cache-status')).toMatch(
      /^interline\/people; hit; ttl=[456]; key="[\w-]{22}", interline\/wage; fwd=miss; detail=identity$/,
    );
    expect(got.headers.get('age')).toBe('4');
    expect(got.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('counts how many of a part’s calls were hits', async () => {
    await using office = await open();
    const { gateway } = office;
    await gateway.get('/v1/team?ids=p-1&ids=p-2');
    gateway.clock.advance(1000);
    expect(said(await gateway.get('/v1/team?ids=p-1&ids=p-2&ids=p-3'))).toEqual([
      expect.stringMatching(/^interline\/people; fwd=miss; stored; ttl=\d+; detail="2 of 3 hit"$/),
      '1',
    ]);
    expect(said(await gateway.get('/v1/team?ids=p-1&ids=p-2&ids=p-3'))).toEqual([
      expect.stringMatching(/^interline\/people; hit; ttl=\d+$/),
      '1',
    ]);
    expect(office.people.calls.map(({ input }) => input)).toEqual([{ ids: ['p-1', 'p-2'] }, { id: 'p-3' }]);
  });

  it('leaves out a part that failed: its state tells', async () => {
    await using office = await open();
    office.people.breaks(500);
    const got = await office.gateway.get('/v1/team?ids=p-1');
    expect(said(got)).toEqual([null, null]);
    expect(got.body).toMatchObject({ complete: false, parts: { people: { state: 'failed', reason: 'error' } } });
  });

  it('is nobody’s to store where a product says so of one part', async () => {
    await using office = await open();
    office.people.raw((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end('{"id":"p-1","name":"Ada"}');
    });
    const got = await office.gateway.get('/v1/team?ids=p-1');
    expect(said(got)).toEqual(['interline/people; fwd=miss; detail=no-store', null]);
    expect(got.headers.get('cache-control')).toBe('no-store');
  });
});
