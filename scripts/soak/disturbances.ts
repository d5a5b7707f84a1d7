import { setTimeout as wait } from 'node:timers/promises';
import { MONOLITH_NAME, described } from './answers.ts';
import { routes } from './everything.ts';
import type { Gateway } from './gateway.ts';
import type { RedisServer } from './redis-server.ts';

/** What is disturbed. */
export interface Disturbed {
  readonly gateways: readonly Gateway[];
  readonly redis: RedisServer;
  /** A `gateway.yaml` that keeps answers for so long. */
  readonly configuration: (fresh: string, stale: string) => string;
  /** Keys of answers that were given, as `Cache-Status` names them. */
  readonly seenKeys: readonly string[];
  readonly random: () => number;
}

/** How often something is done, and how long Redis is away, in milliseconds. */
const [EACH_MS, AWAY_MS] = [100, 1000];
/** Which share of it is the end of Redis. */
const KILLS = 0.005;

const SPANS = ['off', '50ms', '300ms', '1s', '2s'];
const TAGS = ['user:u-0001', 'keys', 'orders', 'progress:u-0001'];

/** Turns knobs, purges, rewrites `gateway.yaml` and kills Redis, one after the other, until it is time. @returns how often each was done, by its name and the status */
export async function disturb(what: Disturbed, until: () => boolean): Promise<ReadonlyMap<string, number>> {
  const { gateways, redis, configuration, seenKeys, random } = what;
  const done = new Map<string, number>();
  const did = (name: string): unknown => done.set(name, (done.get(name) ?? 0) + 1);
  const one = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  const span = (): string => one(SPANS) ?? 'off';
  const ops = async (name: string, method: string, path: string, body: unknown): Promise<void> => {
    const headers = { 'content-type': 'application/json', 'x-interline-operator': 'soak', 'if-match': '*' };
    const response = await fetch(`${one(gateways)?.opsUrl}${path}`, { method, headers, body: JSON.stringify(body) });
    await response.arrayBuffer();
    did(`${name} ${response.status}`);
  };
  const turn = (): Promise<void> => {
    const place = random() < 0.7 ? `products.${one(described)}` : `routes.${one(routes)?.line}`;
    const changes = { [`${place}.cache.fresh`]: span(), [`${place}.cache.stale`]: span() };
    return ops('turned', 'PATCH', '/ops/policy', { changes, reason: 'soak' });
  };
  const purge = (): Promise<void> => {
    const selectors = [
      { product: one([...described, MONOLITH_NAME]) },
      { tag: one(TAGS) },
      { route: one(routes)?.line },
      { key: one(seenKeys) ?? 'none' },
    ];
    return ops('purged', 'POST', '/ops/purge', one(selectors));
  };
  for (; !until(); await wait(EACH_MS)) {
    const drawn = random();
    if (drawn < KILLS) {
      await redis.kill();
      await wait(AWAY_MS);
      await redis.restart();
      did('Redis killed');
    } else if (drawn < 0.1) {
      const text = configuration(span(), span());
      for (const gateway of gateways) gateway.drop(text);
      did('gateway.yaml rewritten');
    } else await (drawn < 0.5 ? turn() : purge());
  }
  return done;
}
