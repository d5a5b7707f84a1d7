/** What a request presents of its caller, read from its headers as they came. */
export interface Presented {
  /** The text of `x-api-key`. */
  readonly key: string | undefined;
  /** The token of `Authorization: Bearer`. */
  readonly token: string | undefined;
}

/** What is wrong with what a request presents. */
export interface Misfit {
  readonly header: 'authorization' | 'x-api-key';
  readonly detail: string;
}

const BEARER = /^bearer ([^ ]+)$/i;

/**
 * Reads the credentials among raw headers (names and values by turns): Node's own object keeps the first of two
 * `Authorization` headers and forgets the other, and two readers may take another one each.
 */
export function presentedBy(rawHeaders: readonly string[]): Presented | Misfit {
  let key: string | undefined;
  let authorization: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 9 && name.toLowerCase() === 'x-api-key') {
      if (key !== undefined) return { header: 'x-api-key', detail: 'expected one x-api-key header, got two' };
      key = rawHeaders[i + 1] ?? '';
    } else if (name.length === 13 && name.toLowerCase() === 'authorization') {
      if (authorization !== undefined) return { header: 'authorization', detail: 'expected one Authorization header, got two' };
      authorization = rawHeaders[i + 1] ?? '';
    }
  }
  if (authorization === undefined) return { key, token: undefined };
  const token = BEARER.exec(authorization)?.[1];
  return token === undefined ? { header: 'authorization', detail: 'expected Authorization: Bearer, and a token' } : { key, token };
}
