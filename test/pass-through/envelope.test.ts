import { describe, expect, it } from '@jest/globals';
import { decode, encode } from '../../src/pass-through/envelope.js';
import { type Stored, storedOf } from '../../src/pass-through/stored.js';
import { handClock } from '../hand-clock.js';

const clock = handClock();

const stored = (body: string | Buffer, headers: Record<string, string | string[]> = {}, presented: Record<string, string> = {}): Stored =>
  storedOf({ status: 200, headers, body: Buffer.from(body), presented, began: clock.now() }, clock);

const kept = (): readonly Stored[] => [
  stored('one', { 'cache-control': 'max-age=60, stale-if-error=9', vary: 'x-tenant', link: ['<a>', '<b>'] }, { 'x-tenant': '7' }),
  stored(Buffer.from([0, 255, 195]), { etag: '"v1"' }),
  stored('', {}),
];

const bytesOf = (key: string, variants: readonly Stored[]): Buffer => encode(key, variants) ?? Buffer.alloc(0);

describe('what is kept for an address, as bytes', () => {
  it('comes back as it was', () => {
    expect(decode('k', bytesOf('k', kept()), clock)).toEqual(kept());
  });

  it('was received when it was, on the clock of whoever reads it', () => {
    const bytes = bytesOf('k', [stored('one')]);
    const later = handClock();
    later.advance(7_000);
    expect(decode('k', bytes, later)).toMatchObject([{ at: 0, knownAt: 7_000 }]);
  });

  it('is nothing at any length but its own, for any other key, and in any other form', () => {
    const bytes = bytesOf('k', kept());
    const cut = Array.from({ length: bytes.length }, (_, length) => decode('k', bytes.subarray(0, length), clock));
    expect(new Set(cut)).toEqual(new Set([undefined]));
    expect(decode('k', Buffer.concat([bytes, Buffer.of(0)]), clock)).toBeUndefined();
    expect(decode('other', bytes, clock)).toBeUndefined();
    const swapped = (text: string, by: string): Buffer => Buffer.from(bytes.toString('latin1').replace(text, by), 'latin1');
    expect(decode('k', swapped('"format":1', '"format":2'), clock)).toBeUndefined();
    expect(decode('k', swapped('"status":200', '"status":"00'), clock)).toBeUndefined();
    expect(decode('k', swapped('"length":3', '"length":4'), clock)).toBeUndefined();
  });

  it('is the newest that have room, and nothing where the newest has none', () => {
    const large = stored(Buffer.alloc(600_000, 'x'));
    expect(decode('k', bytesOf('k', [stored('new'), large, large]), clock)?.map(({ body }) => body.length)).toEqual([3, 600_000]);
    expect(encode('k', [stored(Buffer.alloc(1_000_000)), stored('old')])).toBeUndefined();
  });
});
