import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Store } from '../../src/cache/store.js';

const BOUNDS = { maxBytes: 300_000, maxEntries: 100 };
/** What a value takes besides its own bytes. */
const OVERHEAD = 1800;

describe('a store', () => {
  it('gives what was put, by partition', () => {
    const store = new Store(BOUNDS);
    const [a, b] = [store.partition<string>('a'), store.partition<number>('b')];
    expect(a.set('k', 'text', 10)).toBe(true);
    expect(b.set('k', 7, 10)).toBe(true);
    expect([a.get('k'), b.get('k'), a.get('other')]).toEqual(['text', 7, undefined]);
    expect([store.entries, store.bytes, a.entries, a.bytes]).toEqual([2, 20 + 2 * OVERHEAD, 1, 10 + OVERHEAD]);
    expect([a.delete('k'), a.delete('k'), a.get('k'), b.get('k')]).toEqual([true, false, undefined, 7]);
  });

  it('refuses a second partition of the same name', () => {
    const store = new Store(BOUNDS);
    store.partition('a');
    expect(() => store.partition('a')).toThrow(new RangeError('the store has a partition "a" already'));
  });

  it('refuses what is too large, and lets go of what it would have replaced', () => {
    const store = new Store(BOUNDS);
    const a = store.partition<number>('a');
    expect(a.set('k', 1, BOUNDS.maxBytes / 8)).toBe(true);
    expect(a.set('k', 2, BOUNDS.maxBytes / 8 + 1)).toBe(false);
    expect([a.get('k'), store.bytes]).toEqual([undefined, 0]);
  });

  it('replaces without counting twice', () => {
    const store = new Store(BOUNDS);
    const a = store.partition<number>('a');
    for (let i = 0; i < 3; i++) a.set('k', i, 100, [`l${i}`]);
    expect([a.get('k'), store.entries, store.bytes, store.labels]).toEqual([2, 1, 100 + OVERHEAD, 1]);
    expect([store.purge('l0'), store.purge('l2')]).toEqual([[], ['k']]);
  });

  it('weighs what has grown anew, its labels kept, and lets go of what has grown too large', () => {
    const store = new Store(BOUNDS);
    const a = store.partition<number>('a');
    a.set('k', 1, 100, ['l']);
    a.label('k', 'm');
    a.reweigh('k', 200);
    a.reweigh('nothing', 200);
    expect([a.get('k'), store.entries, store.bytes, store.labels]).toEqual([1, 1, 200 + OVERHEAD, 2]);
    a.reweigh('k', BOUNDS.maxBytes);
    expect([a.get('k'), store.bytes, store.labels]).toEqual([undefined, 0, 0]);
  });

  it('lets go of what was used least, where entries are too many', () => {
    const store = new Store({ ...BOUNDS, maxEntries: 3 });
    const a = store.partition<number>('a');
    for (const key of ['x', 'y', 'z']) a.set(key, 1, 1);
    a.get('x');
    a.set('w', 1, 1);
    expect(['w', 'x', 'y', 'z'].map((key) => a.get(key))).toEqual([1, 1, undefined, 1]);
    expect(store.evicted).toBe(1);
  });

  it('stays within its bounds however many distinct keys come, its index too', () => {
    const store = new Store(BOUNDS);
    const a = store.partition<number>('a');
    for (let i = 0; i < 20_000; i++) {
      a.set(`k${i}`, i, i % 5_000, [`t${i}`, 'all']);
      expect(store.bytes <= BOUNDS.maxBytes && store.entries <= BOUNDS.maxEntries).toBe(true);
    }
    expect(store.labels).toBe(store.entries + 1);
    expect(store.evicted).toBe(20_000 - store.entries);
    const { entries } = store;
    expect(store.purge('all')).toHaveLength(entries);
    expect([store.entries, store.bytes, store.labels]).toEqual([0, 0, 0]);
  });

  it.each([
    ['small ones', 1],
    ['large ones', 12_000],
  ])('never takes anything from who has no more than an equal share: %s', (_, bytes) => {
    const store = new Store(BOUNDS);
    const [flood, quiet, other] = [store.partition<number>('flood'), store.partition<number>('quiet'), store.partition<number>('other')];
    for (let i = 0; i < 30; i++) quiet.set(`q${i}`, i, 500);
    for (let i = 0; i < 3_000; i++) (i % 2 === 0 ? flood : other).set(`f${i}`, i, bytes);
    expect(Array.from({ length: 30 }, (_, i) => quiet.get(`q${i}`))).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(store.bytes <= BOUNDS.maxBytes && store.entries <= BOUNDS.maxEntries).toBe(true);
  });

  it('gives all room to one that is alone', () => {
    const store = new Store(BOUNDS);
    store.partition('empty');
    const a = store.partition<number>('a');
    for (let i = 0; i < 200; i++) a.set(`k${i}`, i, 1);
    expect(a.entries).toBe(100);
  });

  it('empties one partition alone', () => {
    const store = new Store(BOUNDS);
    const [a, b] = [store.partition<number>('a'), store.partition<number>('b')];
    a.set('k', 1, 1, ['l']);
    b.set('k', 1, 1, ['l']);
    a.clear();
    expect([a.get('k'), b.get('k'), store.entries, store.purge('l')]).toEqual([undefined, 1, 1, ['k']]);
  });
});

describe('a purge', () => {
  it('takes what has the label, in every partition, and says what that was', () => {
    const store = new Store(BOUNDS);
    const [a, b] = [store.partition<number>('a'), store.partition<number>('b')];
    a.set('1', 1, 1, ['x', 'y']);
    a.set('2', 1, 1, ['y']);
    b.set('3', 1, 1, ['x']);
    a.label('2', 'z');
    a.label('nothing', 'z');
    expect([store.purge('x'), store.purge('z'), store.purge('x'), store.purge('toString')]).toEqual([['1', '3'], ['2'], [], []]);
    expect([store.entries, store.labels]).toEqual([0, 0]);
  });

  it('takes one by its key', () => {
    const store = new Store(BOUNDS);
    const [a, b] = [store.partition<number>('a'), store.partition<number>('b')];
    a.set('1', 1, 1, ['x']);
    b.set('2', 1, 1, ['x']);
    expect([store.purge('key:1'), store.purge('key:1'), store.purge('key:x')]).toEqual([['1'], [], []]);
    expect(store.entries).toBe(1);
  });

  it('is remembered by who began before it', () => {
    const store = new Store(BOUNDS);
    const before = store.generation;
    const labels = new Set(['x', 'y']);
    expect(store.purgedSince(before, 'k', labels)).toBe(false);
    store.purge('other');
    expect(store.purgedSince(before, 'k', labels)).toBe(false);
    const between = store.generation;
    store.purge('y');
    expect([
      store.purgedSince(before, 'k', labels),
      store.purgedSince(between, 'k', labels),
      store.purgedSince(store.generation, 'k', labels),
    ]).toEqual([true, true, false]);
    const after = store.generation;
    store.purge('key:k');
    expect([store.purgedSince(after, 'k', labels), store.purgedSince(after, 'j', labels)]).toEqual([true, false]);
  });

  it('counts as having taken everything where too many followed to remember it', () => {
    const store = new Store(BOUNDS);
    const before = store.generation;
    for (let i = 0; i < 10_000; i++) store.purge('other');
    expect(store.purgedSince(before, 'k', new Set(['x']))).toBe(false);
    store.purge('other');
    expect(store.purgedSince(before, 'k', new Set(['x']))).toBe(true);
    expect(store.purgedSince(before + 1, 'k', new Set(['x']))).toBe(false);
  });
});

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const key = fc.constantFrom(...KEYS);
const label = fc.constantFrom('x', 'y', 'z');
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, labels: fc.array(label, { maxLength: 2 }) }),
  fc.record({ do: fc.constant('delete' as const), key }),
  fc.record({ do: fc.constant('label' as const), key, label }),
  fc.record({ do: fc.constant('purge' as const), label }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

it('holds, after any sequence, exactly what a plain map would, and leads to it by every label', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = new Store(BOUNDS);
      const partition = store.partition<number>('p');
      const model = new Map<string, { value: number; labels: Set<string> }>();
      /** What a step gives, by the store and by the model. */
      const taken = (at: Step, i: number): readonly [unknown, unknown] => {
        switch (at.do) {
          case 'set':
            return [partition.set(at.key, i, 1, at.labels), model.set(at.key, { value: i, labels: new Set(at.labels) }).has(at.key)];
          case 'delete':
            return [partition.delete(at.key), model.delete(at.key)];
          case 'label':
            return [partition.label(at.key, at.label), void model.get(at.key)?.labels.add(at.label)];
          case 'purge': {
            const gone = [...model].filter(([, { labels }]) => labels.has(at.label)).map(([name]) => name);
            for (const name of gone) model.delete(name);
            return [store.purge(at.label).toSorted(), gone.sort()];
          }
        }
      };
      steps.forEach((at, i) => {
        const [by, expected] = taken(at, i);
        expect(by).toEqual(expected);
      });
      for (const name of KEYS) expect(partition.get(name)).toBe(model.get(name)?.value);
      expect(store.labels).toBe(new Set([...model.values()].flatMap(({ labels }) => [...labels])).size);
    }),
  );
});
