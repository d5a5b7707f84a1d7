import { type Socket, connect as connectPlain, isIP } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** Where the bytes of every connection land, one read at a time: whoever is told of them takes what is to last. */
const landing = Buffer.allocUnsafeSlow(64 * 1024);

const PROBE_MS = 60_000;

/**
 * Begins to connect to an origin; the socket says `connect`, or `secureConnect` where it is `https:`. What a certificate has to be
 * is Node's own default.
 * @param read is told what came, in the first so many of these bytes, which are other ones as soon as it returns
 * @param session of an earlier connection to the same origin
 */
export function dial(origin: URL, read: (bytes: Buffer, length: number) => void, session: Buffer | undefined): Socket {
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const secure = origin.protocol === 'https:';
  const options = {
    host,
    port: Number(origin.port) || (secure ? 443 : 80),
    onread: {
      buffer: landing,
      callback: (length: number) => {
        read(landing, length);
        return true;
      },
    },
  };
  if (!secure) return connectPlain(options).setNoDelay(true).setKeepAlive(true, PROBE_MS);
  const terms: ConnectionOptions = {
    ...options,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
    ...(session && { session }),
  };
  return connectTls(terms).setNoDelay(true).setKeepAlive(true, PROBE_MS);
}
