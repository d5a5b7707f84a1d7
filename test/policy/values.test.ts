import { describe, expect, it } from '@jest/globals';
import type { Address } from '../../src/policy/address.js';
import type { Written } from '../../src/policy/knob.js';
import { read, valueAt } from '../../src/policy/values.js';

const at = (path: string, from?: Address): Address => ({ path, knob: 'deadline', level: 'product', keys: path.split('.'), from });
const top = at('defaults.product.deadline');
const product = at('products.auth.deadline', top);
const operation = at('products.auth.operations.getUser.deadline', product);

const valueOf = (git: Record<string, Written>, overrides: Record<string, Written> = {}): unknown => {
  const { written, read, origin, inherited } = valueAt(operation, {
    git: new Map(Object.entries(git)),
    overrides: new Map(Object.entries(overrides)),
  });
  return [written, read, origin, inherited];
};

describe('the value in force', () => {
  it('is the default where nobody says otherwise', () => {
    expect(valueOf({})).toEqual(['1s', 1000, 'default', undefined]);
  });

  it('is the nearest one that is written', () => {
    expect(valueOf({ [top.path]: '2s' })).toEqual(['2s', 2000, 'git', top.path]);
    expect(valueOf({ [top.path]: '2s', [product.path]: '3s' })).toEqual(['3s', 3000, 'git', product.path]);
    expect(valueOf({ [product.path]: '3s', [operation.path]: '4s' })).toEqual(['4s', 4000, 'git', undefined]);
  });

  it('is an override before what git says at the same place, and after what git says nearer by', () => {
    expect(valueOf({ [operation.path]: '4s' }, { [operation.path]: '5s' })).toEqual(['5s', 5000, 'override', undefined]);
    expect(valueOf({ [product.path]: '3s' }, { [product.path]: '5s' })).toEqual(['5s', 5000, 'override', product.path]);
    expect(valueOf({ [operation.path]: '4s' }, { [product.path]: '5s' })).toEqual(['4s', 4000, 'git', undefined]);
  });

  it('that was never found well formed is a mistake of ours', () => {
    expect(() => valueOf({ [operation.path]: 'soon' })).toThrow(TypeError);
  });
});

describe('reading a value', () => {
  it.each([
    ['deadline', '1.5s', 1500],
    ['cache.fresh', 'off', 0],
    ['limit.rate', 'off', Infinity],
    ['limit.rate', '30/m', 0.5],
    ['retry.attempts', 3, 3],
    ['breaker.ratio', 0.5, 0.5],
  ] as const)('of %s: %s is %d', (knob, written, value) => {
    expect(read(knob, written)).toEqual({ ok: true, value });
  });

  it.each([
    ['deadline', 'off', 'expected a duration like "800ms" or "2s"'],
    ['deadline', 800, 'expected a duration like "800ms" or "2s"'],
    ['deadline', '25h', 'expected 24h or less'],
    ['deadline', null, 'expected a duration like "800ms" or "2s"'],
    ['limit.rate', '0/s', 'expected a rate like "200/s" or "30/m", or "off" for no limit; to stop calls altogether, isolate the product'],
    ['retry.attempts', 4, 'expected 3 or less'],
    ['retry.attempts', 0.5, 'expected a whole number'],
    ['breaker.ratio', 0, 'expected 0.05 or more'],
    ['breaker.ratio', Number.NaN, 'expected a number'],
  ] as const)('of %s: %s is none, and it is said what one is', (knob, written, expected) => {
    expect(read(knob, written)).toEqual({ ok: false, expected });
  });
});
