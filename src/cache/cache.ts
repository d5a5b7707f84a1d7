import type { CachePolicy } from '../policy/snapshot.js';
import type { From, Outcome } from '../upstream/answer.js';
import type { Layer } from '../upstream/call.js';
import { type Later, after } from '../upstream/eventual.js';
import { Asking, type WhyNot } from './asking.js';
import type { Caches, Shelf } from './caches.js';
import type { Entry } from './entry.js';
import { termsOf } from './terms.js';

/**
 * Answers from what is kept: while it is fresh, and while it is stale and one call in the background refreshes it (RFC 5861);
 * asks the product otherwise, about what is kept where that can be validated, and lets what is kept stand in for an error.
 *
 * Only what an operation reads by GET is kept, under a key of all that goes out and of whose answer it is. An operator's spans
 * never make a product's word longer, and never touch what it says is not to be stored.
 */
export const cache = (caches: Caches): Layer =>
  function cache(call, next) {
    const { operation } = call.endpoint;
    if (operation.wire.method !== 'get' || isOff(call.policy.cache)) return next(call);
    const shelf = caches.shelf(operation.product);
    const key = caches.keyOf(call);
    const outcome =
      key === undefined
        ? after(next(call), (settled) => unidentified(settled, caches))
        : answer(new Asking(caches, shelf, key, call, next));
    return after(outcome, (settled) => counted(shelf, settled));
  };

const isOff = ({ freshMs, staleMs, staleIfErrorMs, absentMs }: CachePolicy): boolean => freshMs + staleMs + staleIfErrorMs + absentMs === 0;

function answer(asking: Asking): Outcome | Later {
  const held = asking.shelf.entries.get(asking.key);
  const served = held && serve(asking, held);
  if (served) return served;
  if (!asking.caches.terms.tier) return asking.ask(held);
  return look(asking, held).then((found) => (found && serve(asking, found)) ?? asking.ask(found));
}

/** What is kept, where it may be served as it is; what is stale is refreshed by the way. */
function serve(asking: Asking, entry: Entry): Outcome | undefined {
  const { state, ageMs, ttlMs } = asking.standing(entry);
  if (state === 'fresh') return asking.given(entry, { state: 'hit', key: asking.key, ageMs, ttlMs });
  if (state !== 'stale') return undefined;
  refresh(asking, entry);
  return asking.given(entry, { state: 'stale', key: asking.key, ageMs, ttlMs });
}

/** The newest that is kept, in memory or in the tier: another instance may have what this one has not. */
async function look(asking: Asking, held: Entry | undefined): Promise<Entry | undefined> {
  const { caches, shelf, key } = asking;
  const { generation } = caches;
  const { bytes, stamp } = await caches.look(key, asking.call);
  asking.stamp = stamp;
  if (bytes) return caches.adopt(shelf, key, bytes, held, generation);
  return shelf.entries.get(key) ?? held; // another call may have brought it meanwhile
}

/** Refreshes a stale entry in the background, once at a time: nobody waits for it, and nobody who leaves stops it. */
function refresh(asking: Asking, entry: Entry): void {
  const { caches, shelf, key } = asking;
  if (caches.refreshing.has(key)) return;
  caches.refreshing.add(key);
  shelf.counts.refreshes++;
  const detached = asking.detached();
  const renew = async (): Promise<void> => {
    const found = caches.terms.tier ? await look(detached, entry) : entry;
    if (!found || detached.standing(found).state !== 'fresh') await detached.ask(found);
  };
  renew()
    .catch((bug: unknown) => caches.terms.observer.bug(bug))
    .finally(() => caches.refreshing.delete(key));
}

/** The answer belongs to somebody whom nobody has named: it is kept for nobody. */
function unidentified(outcome: Outcome, caches: Caches): Outcome {
  if (!outcome.ok) return outcome;
  const why: WhyNot = 'identity';
  const { ageMs } = termsOf(outcome.answer, { date: caches.terms.clock.date(), tookMs: 0 });
  return { ...outcome, from: { state: 'miss', ageMs, ttlMs: 0, stored: false, why } };
}

function counted(shelf: Shelf, outcome: Outcome): Outcome {
  const { counts } = shelf;
  const from: From | undefined = outcome.from;
  counts[from?.state ?? 'miss']++;
  if (from?.state === 'miss' && !from.stored) counts.unstored++;
  return outcome;
}
