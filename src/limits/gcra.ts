/** A steady rate and how far it may be exceeded for a moment. Both are above 0, the burst at least 1; an infinite rate admits everything. */
export interface Rate {
  readonly perSecond: number;
  /** How many are admitted at once after a rest. */
  readonly burst: number;
}

/** What was decided of one request, and what is left. */
export interface Admission {
  readonly admitted: boolean;
  /** How many more would be admitted now. */
  readonly remaining: number;
  /** Milliseconds until one would be admitted; 0 where this one was. */
  readonly retryAfterMs: number;
  /** Milliseconds until a whole burst would be admitted again. */
  readonly resetMs: number;
}

interface Bucket {
  readonly key: string;
  /** Requests admitted and not yet drained at the rate. */
  level: number;
  at: number;
  newer: Bucket | undefined;
  older: Bucket | undefined;
}

/** What a sum of fractions may be off by: a wait that is over must not be a hair too short. */
const HAIR = 1e-9;

const unlimited: Admission = { admitted: true, remaining: Infinity, retryAfterMs: 0, resetMs: 0 };

/**
 * The generic cell rate algorithm (ITU-T I.371, A.2), in its form as a leaky bucket: over any stretch of time it admits
 * the burst and what drains meanwhile, and no more. A bucket counts requests, so a rate changed live acts on what is
 * already spent. Of the keys at most `most` are remembered; the one least recently asked for goes first.
 */
export class Gcra {
  readonly #buckets = new Map<string, Bucket>();
  #newest: Bucket | undefined;
  #oldest: Bucket | undefined;

  constructor(readonly most: number) {}

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Decides whether one more request of this key is admitted at this moment, in milliseconds on any steady scale. A refused one spends nothing. */
  admit(key: string, rate: Rate, now: number): Admission {
    const { perSecond, burst } = rate;
    if (perSecond === Infinity) return unlimited;
    const bucket = this.#used(key, now);
    bucket.level = levelOf(bucket, perSecond, now);
    bucket.at = Math.max(bucket.at, now);
    const room = burst - bucket.level + HAIR;
    const admitted = room >= 1;
    if (admitted) bucket.level++;
    return {
      admitted,
      remaining: admitted ? Math.floor(room - 1) : 0,
      retryAfterMs: admitted ? 0 : Math.ceil(((1 - room) / perSecond) * 1000),
      resetMs: Math.ceil((bucket.level / perSecond) * 1000),
    };
  }

  /** How many requests of this key would be admitted at this moment. Looking spends nothing and is no use of the key. */
  remaining(key: string, { perSecond, burst }: Rate, now: number): number {
    const bucket = this.#buckets.get(key);
    return perSecond === Infinity || !bucket ? burst : Math.max(0, Math.floor(burst - levelOf(bucket, perSecond, now) + HAIR));
  }

  /** The key's bucket, which is now the newest one. */
  #used(key: string, now: number): Bucket {
    const known = this.#buckets.get(key);
    if (known && known === this.#newest) return known;
    if (known) this.#unlink(known);
    else if (this.#buckets.size >= this.most && this.#oldest) {
      this.#buckets.delete(this.#oldest.key);
      this.#unlink(this.#oldest);
    }
    const bucket: Bucket = known ?? { key, level: 0, at: now, newer: undefined, older: undefined };
    if (!known) this.#buckets.set(key, bucket);
    bucket.older = this.#newest;
    if (this.#newest) this.#newest.newer = bucket;
    else this.#oldest = bucket;
    this.#newest = bucket;
    return bucket;
  }

  #unlink(bucket: Bucket): void {
    const { newer, older } = bucket;
    if (newer) newer.older = older;
    else this.#newest = older;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    bucket.newer = undefined;
    bucket.older = undefined;
  }
}

/** What a bucket holds once it has drained until now. Where time ran backwards it has not. */
const levelOf = ({ level, at }: Bucket, perSecond: number, now: number): number =>
  now <= at ? level : Math.max(0, level - ((now - at) / 1000) * perSecond);
