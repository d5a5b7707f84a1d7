import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';

/** The content codings that kept answers are handed out in, the preferred one first. */
const codings = ['br', 'zstd', 'gzip'] as const;
export type Coding = (typeof codings)[number];

/** Below this a coding saves nothing worth its headers, in bytes. */
export const WORTH_CODING = 2048;

/** The coding that a caller likes best of those that we have (RFC 9110, 12.5.3); undefined: the bytes as they are. */
export const codingFor = (acceptEncoding: string | undefined): Coding | undefined =>
  acceptEncoding === undefined ? undefined : (negotiate(acceptEncoding, [...codings]) ?? undefined);

const brotli = promisify(brotliCompress);
const zstd = promisify(zstdCompress);
const deflate = promisify(gzip);

/** Codes a body, off the event loop. Brotli's own default quality would cost twenty times as much for a tenth less. */
export function coded(body: Buffer, coding: Coding): Promise<Buffer> {
  switch (coding) {
    case 'br':
      return brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } });
    case 'zstd':
      return zstd(body, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    case 'gzip':
      return deflate(body);
  }
}
