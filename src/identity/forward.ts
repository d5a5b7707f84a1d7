import type { AnyOperation } from '#contracts/kernel/index.js';
import type { GatewayConfig } from '../policy/schema.js';
import type { Forward, Told } from '../upstream/transport.js';
import type { Minter } from './mint.js';

/** The header that tells a product which consumer calls, where an answer depends on it. */
const CONSUMER_HEADER = 'x-interline-consumer';

/** The header that brings a product a token for the user, where an answer depends on one. */
const USER_TOKEN_HEADER = 'x-user-token';

/** What of the configuration says what each product is told. */
export type Products = () => GatewayConfig['products'];

/**
 * Tells a product who asks, as its configuration says: nothing of a user, the user's own token, or one that is minted for
 * this product alone, good for what its own routes want and no more. What a caller sent under these names went nowhere.
 */
export const forwarding = (minter: Minter, products: Products): Forward =>
  function forward({ endpoint, scope }) {
    const { consumer, user, issuer, scopes, token } = scope.identity;
    const told: Told = consumer === undefined ? {} : { [CONSUMER_HEADER]: consumer };
    const how = products()[endpoint.operation.product]?.identity ?? 'none';
    if (endpoint.operation.dependsOn !== 'user' || user === undefined || issuer === undefined || how === 'none') return told;
    if (how === 'token') return token ? { ...told, [USER_TOKEN_HEADER]: token.reveal() } : told;
    const { access } = scope.snapshot.route(nameOf(endpoint.operation));
    const needed = access.scopes.filter((one) => scopes === undefined || scopes.includes(one));
    const minted = minter.mint({ audience: endpoint.operation.product, user: { issuer, subject: user }, consumer, scopes: needed });
    const withToken = (text: string): Told => ({ ...told, [USER_TOKEN_HEADER]: text });
    return typeof minted === 'string' ? withToken(minted) : minted.then(withToken);
  };

const nameOf = ({ product, version, name }: AnyOperation): string => `${product}.v${version}.${name}`;
