import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Env } from '../env.js';
import { Bus } from '../redis/bus.js';
import { SharedDocument } from '../redis/document.js';
import { Redis } from '../redis/redis.js';
import { sealSecret } from '../redis/seal.js';
import type { KeyStore } from './key-store.js';
import { keysFile } from './keys-file.js';
import { sharedKeys } from './keys-redis.js';

/** How long the command line waits for Redis, and how long each command to it may take, in milliseconds. */
const PATIENCE_MS = 2_000;

/** What is asked of the environment. */
type Place = Pick<Env, 'dataDir' | 'redisUrl' | 'redisHmacKey'>;

/**
 * Opens the keys of the gateway that this environment describes, for as long as `work` takes: without being one of its
 * replicas, among whom limits are shared out.
 */
export async function withKeys<T>(
  { dataDir, redisUrl, redisHmacKey }: Place,
  clock: Clock,
  work: (store: KeyStore) => Promise<T>,
): Promise<T> {
  const file = keysFile(dataDir, clock);
  if (redisUrl === undefined) return work(file);
  const observer = { changed: () => undefined, command: () => undefined, trouble: () => undefined };
  await using redis = new Redis({ url: redisUrl, clock, random: Math.random, observer, patienceMs: PATIENCE_MS });
  await using bus = new Bus({ redis, channel: 'il:1:bus', instance: randomUUID() });
  await redis.upWithin(PATIENCE_MS);
  const secret = sealSecret({ key: redisHmacKey, url: redisUrl });
  return await work(sharedKeys(redis, new SharedDocument(redis, 'il:1:consumer-keys', secret), bus, file));
}
