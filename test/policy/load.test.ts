import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, load, parse } from '../../src/policy/load.js';
import { SOUND, URL_LINE, breaking, broken } from './broken-configurations.js';

/** What is said of a text; undefined where it is sound. */
function complaint(read: () => unknown): readonly string[] | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('a gateway.yaml with', () => {
  it.each(broken)('%s is refused, by line and column', (_, text, lines) => {
    expect(complaint(() => parse(text, 'gateway.yaml'))).toEqual(lines);
  });

  it('a tab at the beginning of a line names that line first', () => {
    expect(complaint(() => parse(breaking('  product', '\tproduct'), 'gateway.yaml'))?.[0]).toBe(
      'gateway.yaml:2:1 expected spaces at the beginning of a line, got a tab',
    );
  });

  it('aliases without end is refused before they are followed', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`);
    const lines = complaint(() => parse(`a0: &a0 [x]\n${levels.join('\n')}\n`, 'gateway.yaml'));
    expect(lines?.[0]).toBe('gateway.yaml:2:10 expected no alias: write the value out, so that its place can be named');
  });

  it('several mistakes has each of them named', () => {
    expect(complaint(() => parse(breaking('800ms', '1').replace('2s', '2').replace(URL_LINE, '[]'), 'gateway.yaml'))).toHaveLength(3);
  });

  it('its end cut off anywhere is sound or refused by line and column, never half read', () => {
    const needed = SOUND.indexOf('urls');
    for (let at = 0; at < SOUND.length; at++) {
      const lines = complaint(() => parse(SOUND.slice(0, at), 'gateway.yaml'));
      expect(lines === undefined && at < needed).toBe(false);
      for (const line of lines ?? []) expect(line).toMatch(/^gateway\.yaml:\d+:\d+/);
    }
  });
});

describe('a sound gateway.yaml', () => {
  it('is read, its spans in milliseconds and its sizes in bytes, what is left out at its default', () => {
    expect(parse(SOUND, 'gateway.yaml').config).toEqual({
      defaults: {
        product: { deadline: 800, connections: 64, connectTimeout: 1000, maxAnswer: 5 * 1024 * 1024 },
        route: { deadline: 2000 },
      },
      bounds: {},
      edge: {
        maxBody: 65_536,
        requestTimeout: 30_000,
        serverTiming: false,
        shed: { inFlight: 1000, delay: 200 },
        limit: { rate: Infinity, burst: 100 },
        connections: { most: 10_000, perAddress: 2000 },
        cors: { origins: [], maxAge: 600_000 },
        hops: 4,
        trustedHops: 0,
      },
      cache: { memory: 64 * 1024 ** 2, entries: 100_000 },
      products: {
        auth: {
          urls: ['http://127.0.0.1:4101/v{version}'],
          credential: { variable: 'AUTH_API_KEY' },
          identity: 'none',
          passThrough: false,
        },
      },
      identity: { name: 'interline', issuers: {} },
      consumers: {},
      routes: {},
    });
  });

  it.each([
    ['800ms', 800],
    ['1.5s', 1500],
    ['2 m', 120_000],
    ['24h', 86_400_000],
  ])('says %s for %d milliseconds', (text, ms) => {
    expect(parse(breaking('2s', text), 'gateway.yaml').config.defaults.route.deadline).toBe(ms);
  });

  it('names the place of each of its values, and of the nearest one above where it is not written', () => {
    const { place } = parse(SOUND, 'gateway.yaml');
    expect(place(['products', 'auth', 'urls', 0])).toBe('gateway.yaml:6:12 products.auth.urls.0');
    expect(place(['products', 'auth', 'deadline'])).toBe('gateway.yaml:6:5 products.auth.deadline');
    expect(place(['routes', 'GET /v1/me', 'deadline'])).toBe('gateway.yaml:1:1 routes.GET /v1/me.deadline');
  });
});

describe('a file', () => {
  it('that is not there is named, with the variable that names another', () => {
    const file = join(tmpdir(), 'no-such', 'gateway.yaml');
    expect(complaint(() => load(file))).toEqual([
      `${file}: expected a configuration file, can't read it (ENOENT); GATEWAY_CONFIG names another one`,
    ]);
  });

  it('that is a folder is named too', () => {
    expect(complaint(() => load(tmpdir()))).toEqual([
      `${tmpdir()}: expected a configuration file, can't read it (EISDIR); GATEWAY_CONFIG names another one`,
    ]);
  });

  it('is named as it was asked for', () => {
    const folder = mkdtempSync(join(tmpdir(), 'interline-'));
    try {
      const file = join(folder, 'other.yaml');
      writeFileSync(file, SOUND);
      expect(load(file).place(['products'])).toBe(`${file}:5:3 products`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
