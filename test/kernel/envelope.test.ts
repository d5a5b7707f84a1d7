import { describe, expect, it } from '@jest/globals';
import { PartState, envelope, isComplete } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import * as fc from 'fast-check';
import { z } from 'zod';

const missing = ['failed', 'partial', 'fallback'];
const states = PartState.options.map((option) => option.shape.state.value);
const anyState = fc
  .record({ arm: fc.nat(states.length - 1), seed: fc.integer() })
  .map(({ arm, seed }) => sample(PartState.options[arm] ?? PartState, { seed }));

describe('a composed answer', () => {
  it('is complete exactly when no part is failed, partial or fallback', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyState), (parts) => {
        expect(isComplete(parts)).toBe(!Object.values(parts).some(({ state }) => missing.includes(state)));
      }),
    );
  });

  it('has six states for a part, each known to be whole or missing', () => {
    expect([...states].sort()).toEqual(['failed', 'fallback', 'ok', 'partial', 'skipped', 'stale']);
  });

  it.each(states)('is judged by a part that is %s alone', (state) => {
    const part = sample(PartState.options[states.indexOf(state)] ?? PartState);
    expect(part.state).toBe(state);
    expect(isComplete({ fine: { state: 'ok' }, part })).toBe(!missing.includes(state));
  });

  it('is complete without any part', () => {
    expect(isComplete({})).toBe(true);
  });

  it('holds its data, whether it is complete, and a state for each part by its public name', () => {
    const schema = envelope(z.object({ name: z.string() }), ['student', 'orders']);
    const whole = {
      data: { name: 'Ada' },
      complete: false,
      parts: { student: { state: 'ok' }, orders: { state: 'failed', product: 'shop', reason: 'open', retryAfter: 3 } },
    };
    expect(schema.parse(whole)).toEqual(whole);
    expect(schema.safeParse({ ...whole, parts: { student: { state: 'ok' } } }).success).toBe(false);
    expect(
      schema.safeParse({ ...whole, parts: { ...whole.parts, orders: { state: 'failed', product: 'shop', reason: 'tired' } } }).success,
    ).toBe(false);
  });
});
