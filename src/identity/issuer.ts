import { ALGORITHMS, type Algorithm } from './algorithms.js';
import type { Keys } from './jwks.js';

/** Who issues tokens that are accepted here, and which of them. */
export interface Issuer {
  /** `iss`, letter by letter. */
  readonly name: string;
  /** A token has to be meant for one of these. `caller`: for who presents it, which has to be proven by its own key. */
  readonly audience: readonly string[] | 'caller';
  /** How it signs; a token that says anything else is none. */
  readonly algorithms: readonly Algorithm[];
  readonly keys: Keys;
  /** Whom its tokens name: users, consumers (client credentials), or both: a token whose subject is its client is a consumer's. */
  readonly names: 'users' | 'consumers' | 'both';
}

/** Issuers by their name. */
export type Issuers = ReadonlyMap<string, Issuer>;

/**
 * Issuers, by the name that tokens say.
 * @throws TypeError where two have one name, or one would accept what anybody could have made.
 */
export function issuersOf(issuers: readonly Issuer[]): Issuers {
  const byName = new Map<string, Issuer>();
  for (const issuer of issuers) {
    const { name, audience, algorithms } = issuer;
    if (name === '') throw new TypeError('an issuer: expected a name');
    if (byName.has(name)) throw new TypeError(`the issuer "${name}" is there twice`);
    if (audience.length === 0) throw new TypeError(`the issuer "${name}": expected an audience`);
    const odd = algorithms.find((algorithm) => !ALGORITHMS.includes(algorithm));
    if (algorithms.length === 0 || odd !== undefined)
      throw new TypeError(`the issuer "${name}": expected algorithms of ${ALGORITHMS.join(', ')}, got "${odd ?? ''}"`);
    byName.set(name, issuer);
  }
  return byName;
}
