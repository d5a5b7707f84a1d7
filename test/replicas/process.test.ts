import { describe, expect, it } from '@jest/globals';
import { inventory } from '#contracts/products/inventory/v1.js';
import { type FakeProduct, fakeProduct } from '../fake-product.js';
import { OpsPort } from '../ops/operator.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { GatewayProcess, configuration } from '../process/gateway-process.js';
import { freePort, type RedisServer, redisTests } from '../redis-server.js';
import { until } from '../until.js';

const FRESH = 'products.inventory.cache.fresh';

/** A gateway's process that shares this Redis; its data stands in a folder of its own. */
class Process implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly #gateway: GatewayProcess;

  constructor({ url }: Pick<RedisServer, 'url'>, stock: FakeProduct) {
    const yaml = configuration({ inventory: stock.url }).replace('deadline: 60s', 'deadline: 60s, cache: { fresh: 1h }');
    this.#gateway = new GatewayProcess(yaml, { REDIS_URL: url, DATA_DIR: this.#folder.path, DRAIN_MS: '0' });
  }

  /** The status of the stock of an item. */
  async stock(itemId: string): Promise<number> {
    const response = await fetch(`${(await this.#gateway.listening()).url}/products/inventory/v1/stock/${itemId}`);
    await response.text();
    return response.status;
  }

  async ops(): Promise<OpsPort> {
    return new OpsPort((await this.#gateway.listening()).opsUrl);
  }

  /** A series of the metrics, by its whole name. */
  async metric(name: string): Promise<string | undefined> {
    const { text } = await (await this.ops()).ask('/metrics');
    return text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

describe('processes that share a Redis', () => {
  redisTests({
    'share entries, purges and knobs, and answer without it': async (server) => {
      await using stock = await fakeProduct(inventory);
      await using one = new Process(server, stock);
      await using two = new Process(server, stock);
      const [opsOne, opsTwo] = await Promise.all([one.ops(), two.ops()]);

      // On a busy machine Redis may be too slow for one item, or two may be faster than what one stores: then there is another.
      let items = 0;
      const item = (): string => `i-${String(items).padStart(4, '0')}`;
      const asked = (): number => stock.calls.filter(({ input }) => input['itemId'] === item()).length;
      await until(async () => {
        items++;
        for (const process of [one, two]) expect(await process.stock(item())).toBe(200);
        return asked() === 1;
      });

      expect(await opsTwo.post('/ops/purge', { tag: `stock:${item()}` })).toMatchObject({ status: 200, body: { count: 1 } });
      await until(async () => (await one.stock(item())) === 200 && asked() === 2);

      expect(await opsOne.turn({ changes: { [FRESH]: '2h' }, reason: 'less load' })).toMatchObject({ status: 200 });
      await until(async () => (await opsTwo.policy(FRESH)).knobs[0]?.value === '2h');

      expect(await opsTwo.ask('/health/ready')).toMatchObject({ status: 200, body: { status: 'ready', redis: { up: true } } });
      await server.kill();
      for (const process of [one, two]) for (const id of [item(), 'i-9999']) expect(await process.stock(id)).toBe(200);
      await until(async () => (await two.metric('interline_redis_up')) === '0');
      expect(await opsTwo.ask('/health/ready')).toMatchObject({ status: 200, body: { status: 'ready', redis: { up: false } } });

      await server.restart();
      await until(async () => (await two.metric('interline_redis_up')) === '1');
      await using three = new Process(server, stock); // with no file of its own
      await until(async () => (await (await three.ops()).policy(FRESH)).knobs[0]?.value === '2h');
    },
  });

  it('start without it', async () => {
    await using stock = await fakeProduct(inventory);
    await using alone = new Process({ url: `redis://127.0.0.1:${await freePort()}` }, stock);
    expect(await alone.stock('i-0001')).toBe(200);
    expect(await alone.metric('interline_redis_up')).toBe('0');
    expect(await (await alone.ops()).ask('/health/ready')).toMatchObject({ status: 200, body: { redis: { up: false } } });
  }, 20_000);

  redisTests({
    'end with exit code 1 before they listen where gateway.yaml is broken': async ({ url }) => {
      await using gateway = new GatewayProcess(configuration().replace('60s', 'soon'), { REDIS_URL: url });
      expect(await gateway.exit).toBe(1);
      expect(await gateway.stderr).toContain('expected a duration');
    },

    'end well when they are told to': async ({ url }) => {
      using folder = temporaryFolder();
      await using gateway = new GatewayProcess(configuration(), { REDIS_URL: url, DATA_DIR: folder.path, DRAIN_MS: '0' });
      await gateway.listening();
      gateway.signal('SIGTERM');
      expect(await gateway.exit).toBe(0);
      expect(await gateway.stderr).toBe('');
    },
  });
});
