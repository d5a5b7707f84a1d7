import { describe, expect } from '@jest/globals';
import { auth } from '#contracts/products/auth/v1.js';
import { inventory } from '#contracts/products/inventory/v1.js';
import { fakeProduct } from '../fake-product.js';
import { configuration } from '../process/gateway-process.js';
import { redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { Steady } from './steady.js';
import { Workers } from './workers.js';

const DEADLINE = 'products.auth.deadline';
const USER = '/products/auth/v1/users/u-0001';
const WITHIN_MS = 60_000;

describe('two workers', () => {
  redisTests(
    {
      'answer on the same ports, each line of the log says which, and one scrape counts what both did': async (server) => {
        await using workers = new Workers(server);
        await workers.bothAnswer();
        const { asked } = workers;
        expect(new Set(workers.pids).size).toBe(2);
        expect(workers.log.filter(({ worker, pid }) => worker === undefined || pid === undefined)).toEqual([]);
        const requests = workers.log.filter(({ msg }) => msg === 'request').map(({ pid }) => Number(pid));
        expect(new Set(requests)).toEqual(new Set(workers.pids));
        expect(await workers.count('interline_responses_total')).toBe(asked);
        expect(await workers.series('interline_workers')).toEqual({ interline_workers: 2 });
      },

      'admit the limit of a route exactly, and that of an address': async (server) => {
        const open = configuration().replace('deadline: 90s', 'deadline: 90s, limit: { rate: 1/m, burst: 7 }');
        await using workers = new Workers(server, `${open}edge: { trustedHops: 1, limit: { rate: 1/m, burst: 9 } }\n`);
        await workers.bothAnswer();
        // Where Redis takes longer than 50 ms each worker decides by its share; another address asks then.
        const admitted = async (path: string, address: string): Promise<number | undefined> => {
          const before = await workers.count('interline_limiter_fallback_total');
          const asked = Array.from({ length: 30 }, () => workers.status(path, { 'x-forwarded-for': address }));
          const statuses = await Promise.all(asked);
          return (await workers.count('interline_limiter_fallback_total')) > before
            ? undefined
            : statuses.filter((status) => status !== 429).length;
        };
        for (const [path, limit] of [
          [USER, 7],
          ['/v1/none', 9],
        ] as const) {
          let found: number | undefined;
          let nth = 0;
          await until(async () => (found = await admitted(path, `192.0.2.${++nth + limit * 10}`)) !== undefined);
          expect([path, found]).toEqual([path, limit]);
        }
      },

      'have a knob turned in both, with Redis and without': async (server) => {
        await using workers = new Workers(server);
        const ops = await workers.ops();
        const revisions = async (): Promise<readonly string[]> => Object.keys(await workers.series('interline_policy_info'));
        for (const [value, redis] of [
          ['59s', true],
          ['58s', false],
        ] as const) {
          if (!redis) await server.kill();
          const told = await ops.turn({ changes: { [DEADLINE]: value }, reason: 'a test' }, '*');
          expect(told.status).toBe(200);
          const { revision } = told.body as { readonly revision: string };
          await until(async () => (await revisions()).join() === `interline_policy_info{revision="${revision}"}`);
          for (let i = 0; i < 4; i++) expect((await ops.policy(DEADLINE)).knobs).toMatchObject([{ value, origin: 'override' }]);
        }
      },

      'have a purge reach both': async (server) => {
        await using stock = await fakeProduct(inventory);
        const yaml = configuration({ inventory: stock.url }).replace('deadline: 60s', 'deadline: 60s, cache: { fresh: 1h }');
        await using workers = new Workers(server, yaml);
        const kept = (): Promise<number> => workers.count('interline_cache_entries', 'product="inventory"');
        await until(async () => (await workers.status('/products/inventory/v1/stock/i-0001')) === 200 && (await kept()) === 2);
        const { body } = await (await workers.ops()).post('/ops/purge', { tag: 'stock:i-0001' });
        expect(body).toEqual({ count: 1 });
        await until(async () => (await kept()) === 0);
      },

      'go on where one is killed, which is replaced': async (server) => {
        await using product = await fakeProduct(auth);
        await using workers = new Workers(server, configuration({ auth: product.url }));
        await workers.bothAnswer(USER);
        const [killed = 0, other = 0] = workers.pids;
        process.kill(killed, 'SIGKILL');
        await workers.gateway.said('a worker died');
        expect(await workers.status(USER)).toBe(200);
        expect(await workers.gateway.said('a worker was replaced')).toMatchObject({ worker: 1 });
        expect(workers.pids).toHaveLength(3);
        expect(workers.log.find(({ msg }) => msg === 'a worker died')).toMatchObject({
          worker: 1,
          pid: killed,
          signal: 'SIGKILL',
          againInMs: 0,
        });
        await until(async () => (await workers.count('interline_workers')) === 2);
        const third = workers.pids[2];
        await until(async () => (await workers.status(USER)) === 200 && answeringOf(workers).has(third));
        expect(answeringOf(workers).has(other)).toBe(true);
      },
    },
    WITHIN_MS,
  );
});

/** Which workers have answered a request, as their lines tell. */
const answeringOf = ({ log }: Workers): ReadonlySet<unknown> => new Set(log.filter(({ msg }) => msg === 'request').map(({ pid }) => pid));

describe('a rolling restart', () => {
  redisTests(
    {
      'under load fails no request, is ready all the while, and forgets nothing that was counted': async (server) => {
        await using product = await fakeProduct(auth);
        await using workers = new Workers(server, configuration({ auth: product.url }));
        const { url, opsUrl } = await workers.gateway.listening();
        const paths = [...Array.from({ length: 10 }, () => USER), '/health/ready', '/health/ready'];
        await using load = new Steady(url, paths, 'new connection');
        await using probes = new Steady(opsUrl, ['/health/ready', '/health/live'], 'new connection');
        await load.more(200);
        workers.gateway.signal('SIGHUP');
        await workers.gateway.said('a rolling restart is over: all workers are new');
        await load.more(200);
        // Lines of requests are written a moment later.
        await until(() => workers.pids.every((pid) => answeringOf(workers).has(pid)));
        const [became, probed] = [await load.end(), await probes.end()];
        expect([...became.failed, ...probed.failed]).toEqual([]);
        expect(became.closed).toBeGreaterThan(0);
        expect(new Set(workers.pids).size).toBe(4);
        expect(answeringOf(workers)).toEqual(new Set(workers.pids));
        expect(await workers.count('interline_responses_total', 'category="success_complete"')).toBe(product.count('getUser'));
        expect(await workers.count('interline_workers')).toBe(2);
      },

      'takes up what needs a restart; one that can not begin leaves all as they are, and says why': async (server) => {
        await using workers = new Workers(server);
        await workers.bothAnswer();
        const pids = workers.pids;
        workers.configure(configuration().replace('deadline: 60s', 'deadline: soon'));
        workers.gateway.signal('SIGHUP');
        const stops = 'a rolling restart stops, since a new worker did not come up: the others stay as they are';
        expect(await workers.gateway.said(stops)).toMatchObject({
          worker: 1,
          why: expect.stringMatching(/defaults\.product\.deadline: expected a duration like "800ms" or "2s", got "soon"$/),
        });
        expect(workers.pids).toEqual(pids);
        for (let i = 0; i < 4; i++) expect(await workers.status('/health/ready')).toBe(200);

        workers.configure(`${configuration()}edge: { maxBody: 1 KiB }\n`);
        workers.gateway.signal('SIGHUP');
        await workers.gateway.said('a rolling restart is over: all workers are new');
        expect(workers.pids).toHaveLength(4);
        workers.gateway.signal('SIGTERM');
        expect(await workers.gateway.exit).toBe(0);
        expect(await workers.gateway.stderr).toBe('');
      },
    },
    WITHIN_MS,
  );
});

describe('workers that are told to end', () => {
  redisTests(
    {
      'by the process that started them, and by no signal of their own, fail no request under load, and end well': async (server) => {
        await using product = await fakeProduct(auth);
        await using workers = new Workers(server, configuration({ auth: product.url }), { DRAIN_MS: '1000' });
        const { url } = await workers.gateway.listening();
        const load = new Steady(
          url,
          Array.from({ length: 20 }, () => USER),
          'end',
        );
        await load.more(300);
        for (const pid of workers.pids) process.kill(pid, 'SIGTERM'); // as a service manager does, which tells all processes
        await load.more(100);
        workers.gateway.signal('SIGTERM');
        const { answered, failed } = await load.allClosed();
        expect(failed).toEqual([]);
        expect(answered).toBe(product.count('getUser'));
        expect(await workers.gateway.exit).toBe(0);
        expect(await workers.gateway.stderr).toBe('');
        expect(workers.answering.size).toBe(2);
      },

      'say that they are not ready before they close the port': async (server) => {
        await using workers = new Workers(server, configuration(), { DRAIN_MS: '5000' });
        await workers.bothAnswer();
        workers.gateway.signal('SIGTERM');
        await until(() => workers.log.filter(({ msg, worker }) => msg === 'ending' && worker !== 'primary').length === 2);
        for (let i = 0; i < 4; i++) expect(await workers.status('/health/ready')).toBe(503);
      },
    },
    WITHIN_MS,
  );
});

describe('workers that can not start', () => {
  redisTests(
    {
      'say why once, and all end with 1': async (server) => {
        for (const [yaml, env, said] of [
          [
            configuration().replace('deadline: 60s', 'deadline: soon'),
            {},
            /^\S+gateway\.yaml:2:24 defaults\.product\.deadline: expected a duration .*\n$/,
          ],
          [configuration(), { PORT: new URL(server.url).port }, /^.*EADDRINUSE.*PORT, HOST and OPS_PORT say where to listen\n$/],
        ] as const) {
          await using workers = new Workers(server, yaml, { WORKERS: '3', ...env });
          expect(await workers.gateway.exit).toBe(1);
          expect(await workers.gateway.stderr).toMatch(said);
          expect(workers.pids).toEqual([]);
        }
      },
    },
    WITHIN_MS,
  );
});
