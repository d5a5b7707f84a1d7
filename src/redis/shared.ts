import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { OverridesStore } from '../policy/overrides.js';
import { Bus, type Nearby } from './bus.js';
import { SharedDocument } from './document.js';
import { Instances } from './instances.js';
import { Limiter } from './limiter.js';
import { sharedOverrides } from './overrides.js';
import { Redis, type RedisObserver } from './redis.js';
import { sealSecret } from './seal.js';
import { Tier } from './tier.js';

/** What replicas share one Redis with. */
export interface SharedTerms {
  readonly url: string;
  /** Seals what is kept; where there is none, one is made of the address's password. */
  readonly hmacKey: string | undefined;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly observer: RedisObserver;
  /** Told of entries that were no entries of ours. */
  readonly undecodable: () => void;
  /** Told of each request whose limit this instance keeps by itself. */
  readonly limitedHere: () => void;
  /** This process's own copy of what operators have turned. */
  readonly file: OverridesStore;
  /** The other workers of this machine. */
  readonly nearby?: Nearby | undefined;
}

/** Everything that replicas share: entries, purges, limits, overrides, consumers' keys. None of it is needed to answer. */
export class Shared {
  readonly redis: Redis;
  readonly bus: Bus;
  readonly tier: Tier;
  readonly limiter: Limiter;
  readonly instances: Instances;
  readonly overrides: OverridesStore;
  readonly consumerKeys: SharedDocument;

  constructor({ url, hmacKey, clock, random, observer, undecodable, limitedHere, file, nearby }: SharedTerms) {
    const instance = randomUUID();
    const secret = sealSecret({ key: hmacKey, url });
    this.redis = new Redis({ url, clock, random, observer });
    // Before the bus: when Redis is back, what is owed to the tier goes out before the others are told that they missed something.
    this.tier = new Tier({ redis: this.redis, prefix: 'il:1:', secret, read: (outcome) => outcome === 'undecodable' && undecodable() });
    this.bus = new Bus({ redis: this.redis, channel: 'il:1:bus', instance, nearby });
    this.limiter = new Limiter(this.redis, 'il:1:limit:', limitedHere);
    this.instances = new Instances(this.redis, 'il:1:instances', instance);
    const document = new SharedDocument(this.redis, 'il:1:overrides', secret);
    this.overrides = sharedOverrides({ redis: this.redis, document, bus: this.bus, file });
    this.consumerKeys = new SharedDocument(this.redis, 'il:1:consumer-keys', secret);
  }

  /** Leaves the other replicas, then Redis. */
  async close(): Promise<void> {
    await this.instances.close();
    await this.bus.close();
    this.tier.close();
    await this.redis.close();
  }
}
