import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Pieces } from '../../../src/upstream/pieces.js';

describe('bytes that come in pieces', () => {
  it('are what came, in its order, however they were cut, and as long', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 })), (cut) => {
        const pieces = new Pieces();
        for (const piece of cut) pieces.add(Buffer.from(piece));
        const whole = Buffer.concat(cut);
        expect(pieces.length).toBe(whole.length);
        expect(pieces.take().equals(whole)).toBe(true);
        expect([pieces.length, pieces.take().length]).toEqual([0, 0]);
      }),
    );
  });

  it('are not copied where one piece is all', () => {
    const only = Buffer.from('{"id":"i-1"}');
    const pieces = new Pieces();
    pieces.add(only);
    expect(pieces.take().buffer).toBe(only.buffer);
  });

  it('are never written behind a piece that belongs to somebody else', () => {
    const read = Buffer.from('first and what stands behind it');
    const pieces = new Pieces();
    pieces.add(read.subarray(0, 5));
    pieces.add(Buffer.from(' piece'));
    expect([pieces.take().toString(), read.toString()]).toEqual(['first piece', 'first and what stands behind it']);
  });

  it('take less than twice their room, or 4 KiB', () => {
    const pieces = new Pieces();
    for (let bytes = 1; bytes <= 50_000; bytes++) pieces.add(Buffer.from([bytes % 256]));
    expect(pieces.take().buffer.byteLength).toBeLessThan(2 * 50_000);
  });
});
