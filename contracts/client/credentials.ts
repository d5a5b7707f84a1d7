import { USER_TOKEN_HEADER } from './passage.js';
import type { At } from './use.js';

/** How credentials travel: the key of who calls, the token of the user that it calls for. */
export interface Credentials {
  readonly key: (key: string) => Readonly<Record<string, string>>;
  readonly token: (token: string) => Readonly<Record<string, string>>;
}

/** To the gateway as its callers send them; to a product as the gateway does. */
export const credentials: Readonly<Record<At, Credentials>> = {
  gateway: {
    key: (key) => ({ 'x-api-key': key }),
    token: (token) => ({ authorization: `Bearer ${token}` }),
  },
  product: {
    key: (key) => ({ authorization: `Bearer ${key}` }),
    token: (token) => ({ [USER_TOKEN_HEADER]: token }),
  },
};
