import { create } from 'axios';
import { describe, expect, it } from '@jest/globals';
import type { Call, Layer } from '../../../src/upstream/call.js';
import type { Transport } from '../../../src/upstream/decode.js';
import { build, stack } from '../../../src/upstream/stack.js';
import { handClock } from '../../hand-clock.js';
import { layerState } from '../../layer-state.js';
import { all, callOf, ok, request, shop } from './calls.js';

const item = (id: string) => ({ id, title: `Title of ${id}`, price: 1 });
const reply = (value: unknown) => ({ ok: true, reply: { status: 200, headers: {}, body: Buffer.from(JSON.stringify(value)) } }) as const;

/** The whole stack over a product that knows every item. */
function items() {
  const sent: Call[] = [];
  const counts = { parts: 0, calls: 0 };
  const transport: Transport = (call) => {
    sent.push(call);
    const { ids, id } = call.input;
    return Promise.resolve(reply(Array.isArray(ids) ? { items: ids.toReversed().map(item) } : item(String(id))));
  };
  const clock = handClock();
  const next = stack({
    clock,
    random: () => 0.5,
    state: layerState(clock),
    http: create(),
    observer: { part: () => counts.parts++ },
    meter: { begins: () => undefined, ends: () => counts.calls++ },
    oneByOne: () => undefined,
    transport,
  });
  return { sent, counts, clock, next };
}

describe('layers', () => {
  it('stand in the order of the list, outermost first', () => {
    const seen: string[] = [];
    const named =
      (name: string): Layer =>
      (call, next) => {
        seen.push(`${name} in`);
        const outcome = next(call);
        seen.push(`${name} out`);
        return outcome;
      };
    const outcome = ok(1);
    const next = build([named('a'), named('b')], () => outcome);
    expect(next(callOf(shop.getCart, { name: 'a' }))).toBe(outcome);
    expect(seen).toEqual(['a in', 'b in', 'b out', 'a out']);
  });

  it('end with one that has nothing below it', () => {
    const next = build([], (call, next) => next(call));
    expect(() => next(callOf(shop.getCart, { name: 'a' }))).toThrow(new TypeError('the innermost layer has nothing below it'));
  });
});

describe('the stack', () => {
  it('spends and counts one call for a batch of many parts, equal ones included', async () => {
    const { sent, counts, clock, next } = items();
    const by = request({ limit: 1 });
    const part = shop.getItem.reads({ title: true });
    const ids = ['i-1', 'i-2', 'i-1', 'i-2'];
    const outcomes = await all(ids.map((id) => next(callOf(shop.getItem, { id, shelf: 'a' }, by, part))));
    expect(outcomes).toMatchObject(ids.map((id) => ({ ok: true, value: { title: `Title of ${id}` } })));
    expect(sent).toHaveLength(1);
    expect(by.budget.spent).toBe(1);
    expect(counts).toEqual({ parts: 4, calls: 1 });
    expect(clock.pending).toBe(0);
  });

  it('refuses beyond the budget without a call that is counted', async () => {
    const { sent, counts, next } = items();
    const by = request({ limit: 2 });
    const outcomes = await all([1, 2, 3].map((n) => next(callOf(shop.getCart, { name: `c-${n}` }, by))));
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.failure.kind))).toEqual(['ok', 'ok', 'budget']);
    expect(sent).toHaveLength(2);
    expect(counts).toEqual({ parts: 3, calls: 2 });
  });

  it('gives each reader of one shared answer its own fields', async () => {
    const { sent, next } = items();
    const by = request();
    const outcomes = await all(
      [shop.getItem.reads({ title: true }), shop.getItem.reads({ price: true })].map((part) =>
        next(callOf(shop.getItem, { id: 'i-1' }, by, part)),
      ),
    );
    expect(outcomes).toMatchObject([{ value: { title: 'Title of i-1' } }, { value: { price: 1 } }]);
    expect(sent).toHaveLength(1);
  });
});
