import { isDeepStrictEqual } from 'node:util';
import type { Item } from './items.ts';
import type { Running } from './peers.ts';

/**
 * Asks a peer once and compares what comes with what has to: whole, but for the envelope of ours.
 * @throws Error where it answers anything else: what does other work is not measured.
 */
export async function agrees({ name, path, answer }: Item, { url, peer }: Running, token: string | undefined): Promise<void> {
  const response = await fetch(new URL(path, url), token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  const body: unknown = response.ok ? JSON.parse(text) : undefined;
  const data = isEnvelope(body) ? body.data : body;
  if (!isDeepStrictEqual(data, answer)) throw new Error(`${peer.name} answers ${name} with ${response.status}: ${text.slice(0, 500)}`);
}

const isEnvelope = (body: unknown): body is { readonly data: unknown } =>
  typeof body === 'object' && body !== null && 'data' in body && 'parts' in body && 'complete' in body && body.complete === true;
