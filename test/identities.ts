import { generateKeyPairSync } from 'node:crypto';
import { makeKey } from '../src/identity/api-key.js';
import { type ConsumerKeys, NO_KEYS, addKey } from '../src/identity/consumer-keys.js';
import { type Identities, openIdentities } from '../src/identity/identities.js';
import type { Issuer } from '../src/identity/issuer.js';
import type { KeyStore } from '../src/identity/key-store.js';
import { loadSigningKey } from '../src/identity/signing-key.js';
import type { Clock } from '../src/clock.js';
import type { Loaded } from '../src/policy/load.js';

/** The key that every gateway of this process signs with. */
const signing = JSON.stringify({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  alg: 'ES256',
});

/** Keys of consumers in memory. */
const storeOf = (document: ConsumerKeys): KeyStore => ({
  load: () => Promise.resolve(document),
  save: () => Promise.resolve('conflict'),
  onChange: () => ({ [Symbol.dispose]: () => undefined }),
});

/** By what a gateway of a test knows its callers: each of these consumers has a key. */
export async function testIdentities(
  loaded: Loaded,
  consumers: readonly string[],
  {
    clock,
    env,
    issuers = [],
  }: { readonly clock: Clock; readonly env: Readonly<Record<string, string>>; readonly issuers?: readonly Issuer[] | undefined },
): Promise<{ readonly identities: Identities; readonly keys: ReadonlyMap<string, string> }> {
  const keys = new Map<string, string>();
  let document: ConsumerKeys = NO_KEYS;
  for (const name of consumers) {
    const made = makeKey();
    const changed = addKey(document, made, name, clock.date());
    if (!changed.ok) throw new Error(changed.why);
    document = changed.next;
    keys.set(name, made.key.reveal());
  }
  const opened = await openIdentities({
    loaded,
    env,
    clock,
    random: Math.random,
    keys: storeOf(document),
    signingKey: await loadSigningKey({ text: signing, dataDir: 'nowhere' }),
    trouble: () => undefined,
  });
  return { identities: { ...opened, issuers: [...opened.issuers, ...issuers] }, keys };
}
