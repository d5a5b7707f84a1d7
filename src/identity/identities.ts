import type { Clock } from '../clock.js';
import type { Loaded } from '../policy/load.js';
import { issuerCredential } from '../policy/identity.js';
import type { Variables } from '../policy/variables.js';
import { fetchJwks } from './fetch-jwks.js';
import type { Issuer } from './issuer.js';
import { Jwks } from './jwks.js';
import { type KeyStore, followKeys } from './key-store.js';
import { Keyring } from './keyring.js';
import { Minter } from './mint.js';
import type { SigningKey } from './signing-key.js';

/** What a gateway knows its callers by is made of. */
export interface IdentitiesTerms {
  readonly loaded: Loaded;
  readonly env: Variables;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Where the keys of consumers are kept. */
  readonly keys: KeyStore;
  readonly signingKey: SigningKey;
  /** Told of what went wrong, and who by: an issuer by our name for it, or `consumer-keys`. */
  readonly trouble: (about: string, error: unknown) => void;
}

/** By what a gateway knows its callers, and products know that a token comes from it. Lives as long as the process. */
export interface Identities extends Disposable {
  readonly keyring: Keyring;
  readonly issuers: readonly Issuer[];
  readonly minter: Minter;
}

/**
 * Opens the keys of consumers and of issuers, and what tokens are minted with. Issuers' keys are fetched in the background.
 * @throws KeysError where the keys of consumers can't be read
 */
export async function openIdentities(terms: IdentitiesTerms): Promise<Identities> {
  const { loaded, env, clock, random, keys, signingKey, trouble } = terms;
  const { name, issuers: configured } = loaded.config.identity;
  const keyring = new Keyring();
  const following = await followKeys(keys, keyring, (error) => trouble('consumer-keys', error));
  const opened: Jwks[] = [];
  const issuers = Object.entries(configured).map(([own, issuer]): Issuer => {
    const fetched = (error: unknown): void => {
      if (error !== undefined) trouble(own, error);
    };
    const fetch = fetchJwks({ clock, credential: issuerCredential(issuer, env) });
    const jwks = new Jwks({ url: issuer.jwks, algorithms: issuer.algorithms, fetch, clock, random, fetched });
    opened.push(jwks);
    return { name: issuer.issuer, audience: [issuer.audience ?? name], algorithms: issuer.algorithms, keys: jwks, names: issuer.names };
  });
  return {
    keyring,
    issuers,
    minter: new Minter({ name, key: signingKey, clock }),
    [Symbol.dispose]() {
      following[Symbol.dispose]();
      for (const jwks of opened) jwks.close();
    },
  };
}
