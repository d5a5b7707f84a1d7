import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { overridesFile } from '../../src/policy/overrides-file.js';
import { Turned } from '../../src/ops/schemas.js';
import { bookPage, catalog, kiosk, loan, openLibrary } from '../edge/library.js';
import { type Got, testGateway } from '../gateway.js';
import { OpsPort } from '../ops/operator.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { Load } from './load.js';

const FRESH = 'products.library.operations.getBook.cache.fresh';
const RATE = 'routes.GET /v1/catalog.limit.rate';
const BURST = 'routes.GET /v1/catalog.limit.burst';

/** Deadlines that no leap of the clock reaches. */
const PATIENT = { deadlineMs: 60_000, routeDeadlineMs: 120_000 };

/** How long the book of an answer stays fresh, in seconds, as its Cache-Status says. */
const ttlOf = ({ headers }: Got): number => Number(/interline\/book;.* ttl=(-?\d+)/.exec(headers.get('cache-status') ?? '')?.[1]);

/** What an answer says of its route's limit. */
const limitOf = ({ status, headers }: Got): readonly unknown[] => [status, headers.get('ratelimit-policy'), headers.get('ratelimit')];

describe('while requests run, an operator', () => {
  it('shortens and lengthens a TTL: it acts on what is stored already, with the next request', async () => {
    await using subject = await openLibrary({ ...PATIENT, policies: { library: 'cache: { fresh: 1h }' } });
    const { gateway, books } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    await using load = new Load(() => gateway.get('/v1/books/b-1?reader=r-1'));
    await load.answers(20);
    const ttl = async (): Promise<number> => ttlOf(await gateway.get('/v1/books/b-1'));
    gateway.clock.advance(10_000);
    await load.answers(20);
    expect(await ttl()).toBeGreaterThan(3000);
    expect(books.count('getBook')).toBe(1);

    expect(await ops.turn({ changes: { [FRESH]: '5s' }, reason: 'prices move', who: 'ada' })).toMatchObject({ status: 200 });
    expect(await ttl()).toBeLessThanOrEqual(5);
    await load.answers(20);
    expect(books.count('getBook')).toBe(2); // what was stored ten seconds ago is old by now

    expect(await ops.post('/ops/undo', { revision: 1, who: 'ada' })).toMatchObject({ status: 200 });
    await load.answers(20);
    gateway.clock.advance(8_000);
    await load.answers(20);
    expect(await ttl()).toBeGreaterThan(3000);
    expect(books.count('getBook')).toBe(2); // and this is fresh, by what git says
    expect(await load.failed()).toEqual([]);
  }, 30_000);

  it('sets a limit and takes it back: the next request is counted, refused, and counted no more', async () => {
    await using subject = await openLibrary(PATIENT);
    const { gateway, books } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    await using load = new Load(() => gateway.get('/v1/books/b-1?reader=r-1'));
    const catalog = async (): Promise<readonly unknown[]> => limitOf(await gateway.get('/v1/catalog'));
    expect(await catalog()).toEqual([200, null, null]);

    const { revision } = await ops.policy();
    const told = await ops.turn({ changes: { [RATE]: '1/s', [BURST]: 2 }, reason: 'a crawler', who: 'ada' }, `"${revision}"`);
    expect(told).toMatchObject({ status: 200, headers: { etag: `"${Turned.parse(told.body).revision}"` } });
    expect(await catalog()).toEqual([200, '"route";q=2;w=2', '"route";r=1;t=1']);
    expect(await catalog()).toEqual([200, '"route";q=2;w=2', '"route";r=0;t=2']);
    const calls = books.count('findBooks');
    const refused = await gateway.get('/v1/catalog');
    expect([...limitOf(refused), refused.headers.get('retry-after')]).toEqual([429, '"route";q=2;w=2', '"route";r=0;t=2', '1']);
    expect(books.count('findBooks')).toBe(calls);

    expect(await ops.turn({ changes: { [BURST]: 9 }, reason: 'too late' }, `"${revision}"`)).toMatchObject({ status: 412 });
    expect(await ops.post('/ops/undo', { revision: 1, who: 'grace' })).toMatchObject({ status: 200 });
    expect(await catalog()).toEqual([200, null, null]);
    expect(await load.failed()).toEqual([]);
  }, 30_000);

  it('finds overrides and history as they were after a restart', async () => {
    using folder = temporaryFolder();
    await using subject = await openLibrary({ ...PATIENT, overrides: overridesFile(folder.path) });
    const { gateway, books, readers } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    await using load = new Load(() => gateway.get('/v1/books/b-1?reader=r-1'));
    await ops.turn({ changes: { [FRESH]: '5s' }, reason: 'prices move', who: 'ada' });
    await ops.turn({ changes: { [RATE]: '1/s', [BURST]: 2 }, reason: 'a crawler', who: 'grace', expires: '2h' });
    await ops.post('/ops/undo', { revision: 1, who: 'ada' });
    await ops.turn({ changes: { [FRESH]: '7s' }, reason: 'prices move again', who: 'ada' });
    await load.answers(20);
    expect(await load.failed()).toEqual([]);
    const [policy, history] = [await ops.policy(), (await ops.ask('/ops/history')).body];
    const file = readFileSync(join(folder.path, 'overrides.json'), 'utf8');
    await gateway[Symbol.asyncDispose]();

    const products = [books, readers];
    await using again = await testGateway({
      ...PATIENT,
      products,
      compositions: [bookPage, catalog, loan],
      consumers: [kiosk],
      overrides: overridesFile(folder.path),
    });
    const opsAgain = new OpsPort(again.opsUrl);
    expect(await opsAgain.policy()).toEqual(policy);
    expect((await opsAgain.ask('/ops/history')).body).toEqual(history);
    expect(readFileSync(join(folder.path, 'overrides.json'), 'utf8')).toBe(file);
    expect(limitOf(await again.get('/v1/catalog'))).toEqual([200, '"route";q=2;w=2', '"route";r=1;t=1']);
    const before = books.count('getBook');
    for (const ms of [5_000, 5_000]) {
      await again.get('/v1/books/b-1');
      again.clock.advance(ms);
    }
    await again.get('/v1/books/b-1');
    expect(books.count('getBook') - before).toBe(2); // the seven seconds of the override are over
  }, 30_000);
});
