import { request } from 'undici';
import type { Clock } from '../clock.js';
import type { Credential } from '../policy/credential.js';
import type { FetchJwks } from './jwks.js';

/** How long a fetch may take in all. */
const WITHIN_MS = 5_000;

/** The largest set of keys, in bytes. */
const LARGEST = 256 * 1024;

/** Fetches published keys over HTTP, with a credential where the issuer wants one. Redirects are not followed. */
export function fetchJwks({ clock, credential }: { readonly clock: Clock; readonly credential?: Credential | undefined }): FetchJwks {
  return async (url) => {
    const giveUp = new AbortController();
    const timer = clock.after(WITHIN_MS, () => giveUp.abort(new Error(`no keys within ${WITHIN_MS} ms`)));
    try {
      const { statusCode, body } = await request(url, {
        headers: {
          accept: 'application/json, application/jwk-set+json',
          ...(credential && { authorization: `Bearer ${credential.reveal()}` }),
        },
        signal: giveUp.signal,
        reset: true, // keys are fetched so seldom that no connection is worth keeping
      });
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of body) {
        const bytes = Buffer.from(chunk as Uint8Array); // oxlint-disable-line typescript/no-unsafe-type-assertion -- a body's chunks are bytes
        size += bytes.length;
        if (size > LARGEST) throw new Error(`expected keys in ${LARGEST} bytes or less`);
        chunks.push(bytes);
      }
      return { status: statusCode, body: Buffer.concat(chunks) };
    } finally {
      timer.cancel();
    }
  };
}
