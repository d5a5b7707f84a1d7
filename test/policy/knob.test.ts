import { describe, expect, it } from '@jest/globals';
import { type KnobName, type Level, knobs, knobsOf } from '../../src/policy/knob.js';
import { read } from '../../src/policy/values.js';

const names = Object.keys(knobs).filter((name): name is KnobName => name in knobs);

describe('a knob of the table', () => {
  it.each(names)('(%s) has a default that it can read, a place and a meaning', (name) => {
    expect(read(name, knobs[name].default)).toMatchObject({ ok: true });
    expect(knobs[name].levels.length).toBeGreaterThan(0);
    expect(knobs[name].meaning).toMatch(/\.$/);
  });

  it('stands at the levels that it names, in the order of the table', () => {
    const levels: readonly Level[] = ['product', 'operation', 'route'];
    for (const level of levels) expect(knobsOf(level)).toEqual(names.filter((name) => new Set<Level>(knobs[name].levels).has(level)));
    expect(knobsOf('route')).toEqual(['deadline', 'fanOut', 'cache.fresh', 'cache.stale', 'limit.rate', 'limit.burst']);
  });

  it('of an operation stands at its product too, which it takes its value from', () => {
    for (const name of knobsOf('operation')) expect(knobsOf('product')).toContain(name);
  });
});
