import { describe, expect, it } from '@jest/globals';
import { randomFrom } from '../../../scripts/soak/figures.ts';
import { mutate } from '../../../scripts/soak/mutations.ts';
import { ConfigError, parse } from '../../../src/policy/load.js';

/** In the form that the soak drops in: a pass-through product first, each product on a line of its own. */
const TEXT = [
  'edge: {"shed":{"delay":"30s"}}',
  'defaults: {"product":{"cache":{"fresh":"1s"}},"route":{"limit":{"rate":"100000/s"}}}',
  'products:',
  '  monolith: {"urls":["http://127.0.0.1:1/monolith"],"passThrough":true}',
  '  auth: {"urls":["http://127.0.0.1:1/auth/v{version}"]}',
  '  babonbo: {"urls":["http://127.0.0.1:1/babonbo/v{version}"]}',
  '',
].join('\n');

/** What only the contracts can tell: which products there have to be, and which deadlines fit. */
const NEEDS_CONTRACTS = new Set(['a product is missing', 'a product slower than its route', 'cut off']);

describe('a mutated gateway.yaml', () => {
  const random = randomFrom(5);
  let before = TEXT;
  const mutations = Array.from({ length: 2000 }, () => {
    const mutation = mutate(TEXT, before, random);
    before = mutation.text;
    return mutation;
  });

  it('is never the text that it was made of, nor the one before', () => {
    expect(mutations.filter(({ text }, i) => text === TEXT || text === mutations[i - 1]?.text)).toEqual([]);
  });

  it('reads as sound exactly where it is said to be', () => {
    const reads = (text: string): boolean => {
      try {
        parse(text, 'gateway.yaml');
        return true;
      } catch (error) {
        if (error instanceof ConfigError) return false;
        throw error;
      }
    };
    const wrong = mutations.filter(({ kind, text, sound }) => !NEEDS_CONTRACTS.has(kind) && reads(text) !== sound);
    expect(wrong).toEqual([]);
    expect(new Set(mutations.map(({ kind }) => kind)).size).toBeGreaterThan(20);
  });

  it('that is cut off has lost its last product, or can not be read', () => {
    const cut = mutations.filter(({ kind }) => kind === 'cut off');
    expect(cut.length).toBeGreaterThan(20);
    expect(cut.filter(({ text }) => text.length >= TEXT.trimEnd().length)).toEqual([]);
  });
});
