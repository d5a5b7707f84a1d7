import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';
import { Credential } from '../../src/policy/credential.js';
import { parse } from '../../src/policy/load.js';
import { type Resolved, resolve, snapshotOf } from '../../src/policy/resolve.js';
import type { Snapshot } from '../../src/policy/snapshot.js';
import { opened } from '../open-access.js';

const auth = product('auth', 2, {
  getUser: operation({ get: '/users/{id}', input: z.object({ id: z.string() }), output: z.object({ id: z.string() }) }),
  getKeys: operation({ get: '/keys', input: z.object({}), output: z.object({}) }),
});
const me = route('GET /v1/me', { input: z.object({}), output: z.object({}), parts: { user: 'required' } });

const yaml = (more = ''): string => `defaults:
  product: { deadline: 800ms }
  route: { deadline: 2s }
products:
  auth:
    urls: ['http://one/v{version}', 'https://two:8443/api/v{version}']
    credential: { variable: AUTH_API_KEY }
${more}`;

function resolved(text: string, env: Readonly<Record<string, string>> = { AUTH_API_KEY: 'secret' }): Resolved {
  const contracts = { consumers: [], operations: Object.values(auth), routes: [{ route: me, operations: [auth.getUser] }] };
  return resolve(opened(parse(text, 'gateway.yaml'), contracts), contracts, env);
}

function snapshot(text: string): Snapshot {
  const found = resolved(text);
  return snapshotOf(found, { git: found.git, overrides: new Map() }, new Set(), '1');
}

describe('a configuration that does not fit the contracts', () => {
  it.each([
    [
      'a product without an address',
      yaml().replace('  auth:', '  shop:'),
      [
        'gateway.yaml:6:5 products.shop: no contract names this product; contracts stand in contracts/products/',
        'gateway.yaml:5:3 products: expected the product "auth", which has a contract',
      ],
    ],
    [
      'an address without a contract',
      yaml(`  atuh: { urls: ['http://x'] }\n`),
      ['gateway.yaml:8:9 products.atuh: no contract names this product (did you mean "auth"?); contracts stand in contracts/products/'],
    ],
    [
      'an operation that no version has',
      yaml('    operations: { getUsr: { deadline: 1s } }\n'),
      ['gateway.yaml:8:27 products.auth.operations.getUsr: no such operation in its contracts (did you mean "getUser"?)'],
    ],
    [
      'a route that nobody serves',
      yaml(`routes: { 'GET /v1/mee': { deadline: 3s } }\n`),
      ['gateway.yaml:8:26 routes.GET /v1/mee: no such route (did you mean "GET /v1/me"?)'],
    ],
    [
      'a deadline of a product that its route has not',
      yaml('    deadline: 2s\n'),
      [
        'gateway.yaml:3:22 defaults.route.deadline for routes.GET /v1/me.deadline: expected more than the 2100 ms that auth getUser may take with its attempts and waits, got 2000 ms; shorten that deadline or lengthen this one',
      ],
    ],
    [
      'a deadline of a route that its operation has not',
      yaml(`routes: { 'GET /v1/me': { deadline: 100ms } }\n`),
      [
        'gateway.yaml:8:37 routes.GET /v1/me.deadline: expected more than the 900 ms that auth getUser may take with its attempts and waits, got 100 ms; shorten that deadline or lengthen this one',
      ],
    ],
  ])('(%s) is refused by line and column', (_, text, lines) => {
    expect(() => resolved(text)).toThrow(new Error(lines.join('\n')));
    expect(() => resolved(text)).toThrow(expect.objectContaining({ name: 'ConfigError', problems: lines }));
  });

  it.each([
    ['is not set', {}, 'it is not set'],
    ['is empty', { AUTH_API_KEY: '' }, 'it is not set'],
    ['ends in a line break', { AUTH_API_KEY: 'hunter2\n' }, 'it holds spaces or characters that no header can carry'],
    ['is no ASCII', { AUTH_API_KEY: 'hünter2' }, 'it holds spaces or characters that no header can carry'],
  ])('(a key whose variable %s) is refused and never shown', (_, env: Record<string, string>, why) => {
    expect(() => resolved(yaml(), env)).toThrow(
      new Error(
        `gateway.yaml:7:29 products.auth.credential.variable: expected the environment variable AUTH_API_KEY to hold the key of auth, ${why}`,
      ),
    );
  });
});

describe('a configuration that fits', () => {
  it('gives each operation the nearest deadline: its own, its product’s, the default', () => {
    const deadlines = (text: string) => snapshot(text).operations.map(({ deadlineMs }) => deadlineMs);
    expect(deadlines(yaml())).toEqual([800, 800]);
    expect(deadlines(yaml('    deadline: 1s\n'))).toEqual([1000, 1000]);
    expect(deadlines(yaml('    deadline: 1s\n    operations: { getKeys: { deadline: 300ms } }\n'))).toEqual([1000, 300]);
  });

  it('gives a route its own values or the defaults', () => {
    expect(snapshot(yaml()).route('GET /v1/me')).toMatchObject({ deadlineMs: 2000, fanOut: 50 });
    const own = snapshot(yaml(`routes: { 'GET /v1/me': { deadline: 5s, fanOut: 7 } }\n`));
    expect(own.route('GET /v1/me')).toMatchObject({ deadlineMs: 5000, fanOut: 7 });
    expect(() => own.route('GET /v1/you')).toThrow(RangeError);
    expect(() => own.operation(2)).toThrow(RangeError);
  });

  it('an operation that no route uses may take as long as it likes', () => {
    expect(() => resolved(yaml('    operations: { getKeys: { deadline: 1h } }\n'))).not.toThrow();
  });

  it('says how each version is reached', () => {
    const { reach } = resolved(yaml('    connections: 3\n'));
    expect(reach('auth', 2)).toMatchObject({
      urls: ['http://one/v2', 'https://two:8443/api/v2'],
      connections: 3,
      connectTimeoutMs: 1000,
      maxAnswerBytes: 5 * 1024 * 1024,
    });
    expect(reach('auth', 2).credential?.reveal()).toBe('secret');
    expect(resolved(yaml().replace(/ {4}credential.*\n/, '')).reach('auth', 2).credential).toBeUndefined();
  });
});

describe('a credential', () => {
  it('shows itself to who asks by name, and to nobody else', () => {
    const credential = new Credential('hunter2');
    expect(credential.reveal()).toBe('hunter2');
    const shown = [JSON.stringify({ credential }), inspect({ credential }, { depth: 9, showHidden: true }), String(credential)];
    expect(shown.join()).not.toContain('hunter2');
    expect(Object.keys(credential)).toEqual([]);
  });
});
