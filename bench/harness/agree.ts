import { isDeepStrictEqual } from 'node:util';
import type { Item } from './items.ts';
import type { Running } from './peers.ts';
import { asked } from './queries.ts';

/**
 * Asks a peer once and compares what comes with what has to: whole, but for the envelope of ours.
 * @throws Error where it answers anything else: what does other work is not measured.
 */
export async function agrees(item: Item, { url, peer }: Running, token: string | undefined): Promise<void> {
  const { path, data } = asked(item, peer);
  const response = await fetch(
    new URL(path.replace('{n}', '0001'), url),
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
  const text = await response.text();
  const body: unknown = response.ok ? JSON.parse(text) : undefined;
  if (!isDeepStrictEqual(data(body), item.answer))
    throw new Error(`${peer.name} answers ${item.name} with ${response.status}: ${text.slice(0, 500)}`);
}
