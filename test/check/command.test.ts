import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { USAGE } from '../../src/check/arguments.js';
import { command } from '../../src/check/command.js';
import { register, sources } from '../../src/registry/registry.js';
import { openText } from '../open-access.js';
import { ContractError } from '../../src/registry/contract-error.js';
import { keyOf, products } from '../process/gateway-process.js';

const root = join(import.meta.dirname, '../..');
const shipped = join(root, 'gateway.yaml');
const keys = Object.fromEntries(products.map((product) => [keyOf(product), 'key']));

const folder = mkdtempSync(join(tmpdir(), 'interline-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines of all routes. */
const lines = register(await sources()).compositions.map(({ route }) => route.line);

/** A small file with a value of its own at every level. */
const small = join(folder, 'gateway.yaml');
writeFileSync(
  small,
  openText(
    `defaults:
  product: { deadline: 500ms, bulkhead: { wait: 50ms } }
  route: { deadline: 4s }
products:
${products.map((product) => `  ${product}: { urls: ['http://${product}'] }\n`).join('')}`.replace(
      "auth: { urls: ['http://auth'] }",
      "auth: { urls: ['http://auth'], deadline: 300ms, operations: { getUser: { retry: { attempts: 2 }, deadline: 200ms } } }",
    ),
    lines,
    ['want-to-be-a-pilot'],
  ),
);

describe('check on the shipped gateway.yaml', () => {
  it('passes, and says of each route its worst case, calls, times and availability', async () => {
    const { out, err, exitCode } = await command(['--config', shipped], keys);
    expect({ err, exitCode }).toEqual({ err: [], exitCode: 0 });
    expect(out.slice(0, 7)).toEqual([
      'route                                   slowest part  worst case  of       calls (2, 20)  time   slow     available  complete',
      'GET /v1/me                              user          1850 ms     2000 ms  6, 6           20 ms  1499 ms  99.9 %     99.401 %',
      'GET /v1/orders                          orders        1850 ms     2000 ms  2, 2           40 ms  1598 ms  99.9 %     99.8 %',
      'GET /v1/orders/{orderId}                order         1850 ms     2000 ms  3, 3           40 ms  1598 ms  99.9 %     99.8 %',
      'GET /v1/purchase-orders/draft           shortages     1850 ms     2000 ms  2, 2           40 ms  1598 ms  99.9 %     99.8 %',
      'GET /v1/students/{studentId}/dashboard  student       1850 ms     2000 ms  4, 4           20 ms  1499 ms  99.9 %     99.601 %',
      'GET /v1/trips/{bookingId}               booking       1850 ms     2000 ms  4, 4           40 ms  1598 ms  99.9 %     99.8 %',
    ]);
  }, 30_000);

  it('says what is rehearsed and what is assumed, and takes other assumptions', async () => {
    const { out } = await command(['--config', shipped, '--latency', '100ms', '--availability', '0.99'], keys);
    expect(out[1]).toMatch(/^GET \/v1\/me .* 100 ms +1499 ms +99 % +94\.148 %$/);
    expect(out.slice(8).join('\n')).toMatch(/rehearsed, not proven: .* takes 100 ms[\s\S]* is there 99 % of the time/);
  }, 30_000);

  it('warns in one line of keys that are not set here, and passes', async () => {
    const { [keyOf('auth')]: _, ...others } = keys;
    const { err, exitCode } = await command(['--config', shipped], { ...others, [keyOf('babonbo')]: 'two words' });
    expect({ err, exitCode }).toEqual({
      err: [
        'warning: the gateway needs keys that this environment does not hold: AUTH_API_KEY (it is not set), BABONBO_API_KEY (it holds spaces or characters that no header can carry)',
      ],
      exitCode: 0,
    });
  }, 30_000);
});

describe('check --explain', () => {
  const explained = async (what: string): Promise<readonly string[]> => (await command(['--config', small, '--explain', what], {})).out;
  const place = products.toSorted().indexOf('auth') + 5;

  it('of a route says of each knob of all that it calls what it is and where that stands', async () => {
    const lines = await explained('GET /v1/orders');
    expect(lines.slice(0, 3)).toEqual([
      'GET /v1/orders',
      `  deadline     4s   git      ${small}:3:22 defaults.route.deadline`,
      '  fanOut       50   default',
    ]);
    const user = lines.indexOf('auth v1 getUser: customers (optional)');
    const auth = "  auth: { urls: ['http://auth'], deadline: 300ms, operations: { getUser: { retry: { attempts: 2 }, deadline: 200ms } } }";
    const at = (text: string): number => auth.indexOf(text) + 1;
    expect(lines[user + 1]?.replaceAll(/ +/g, ' ')).toBe(
      ` deadline 200ms git ${small}:${place}:${at('200ms')} products.auth.operations.getUser.deadline`,
    );
    expect(lines.find((line) => line.includes('retry.attempts  ') && line.includes('git'))).toContain(`:${at('2 }')} products.auth`);
    const many = lines.indexOf('auth v1 listUsers: customers (optional)');
    expect(lines[many + 1]?.replaceAll(/ +/g, ' ')).toBe(` deadline 300ms git ${small}:${place}:${at('300ms')} products.auth.deadline`);
    expect(lines.join('\n')).toMatch(
      /products\.auth\n(?: {2}(?:limit|bulkhead).*\n)*? {2}bulkhead\.wait +50ms +git +\S+:2:49 defaults\.product\.bulkhead\.wait\n/,
    );
  });

  it('of a route shows the arithmetic of each worst case, and the calls as they were rehearsed', async () => {
    const lines = await explained('GET /v1/orders');
    expect(lines.filter((line) => line.includes('worst case'))).toEqual([
      '  worst case: 1 attempt × (500 ms + 50 ms for a place) = 550 ms, of 4000 ms',
      '  worst case: 3 attempts × (200 ms + 50 ms for a place) + 50 ms + 100 ms between them = 900 ms, of 4000 ms',
      '  worst case: 1 attempt × (300 ms + 50 ms for a place) = 350 ms, of 4000 ms',
    ]);
    expect(lines.slice(-4)).toEqual([
      'rehearsed, not proven',
      '  at 0 ms   new-pilot-shop v1 listOrders',
      '  at 20 ms  auth v1 listUsers             for 20',
      '  at 40 ms  the answer',
    ]);
  });

  it('of a product or an operation says the same of it alone', async () => {
    const product = await explained('products.auth');
    expect(product.filter((line) => line.startsWith('auth v1'))).toEqual([
      'auth v1 getUser',
      'auth v1 listUsers',
      'auth v1 issueToken',
      'auth v1 getKeys',
    ]);
    expect(product.slice(0, 2).join()).toMatch(/^products\.auth, {2}deadline +300ms/);
    const operation = await explained('products.auth.operations.getKeys');
    expect(operation.filter((line) => line.startsWith('auth v1'))).toEqual(['auth v1 getKeys']);
    expect(operation.at(-1)).toBe('  worst case: 1 attempt × (300 ms + 50 ms for a place) = 350 ms');
  });

  it('knows a pass-through product, which has no contract', async () => {
    const file = join(folder, 'pass-through.yaml');
    writeFileSync(
      file,
      readFileSync(small, 'utf8').replace(
        'products:\n',
        "products:\n  monolith: { urls: ['http://old'], passThrough: true, deadline: 30s, access: { consumers: [anonymous] } }\n",
      ),
    );
    const { out, exitCode } = await command(['--config', file, '--explain', 'products.monolith'], {});
    expect([out[0], exitCode]).toEqual(['products.monolith', 0]);
    expect(out[1]).toContain('30s');
  });

  it.each([
    ['GET /v1/order', 'GET /v1/orders'],
    ['products.aut', 'products.auth'],
    ['products.auth.operations.getUsr', 'products.auth.operations.getUser'],
  ])('of %s, which is not there, names the nearest', async (asked, nearest) => {
    const { out, err, exitCode } = await command(['--config', small, '--explain', asked], {});
    expect([out, exitCode]).toEqual([[], 2]);
    expect(err[0]).toBe(`--explain: expected a route, a product or an operation, got "${asked}" (did you mean "${nearest}"?)`);
  });
});

describe('check', () => {
  it('names what contracts and file each have against them, in one go', async () => {
    const file = join(folder, 'none.yaml');
    const broken = () => Promise.reject(new ContractError(['contracts/products/auth/v1.ts: broken']));
    expect(await command(['--config', file], {}, broken)).toEqual({
      out: [],
      err: [
        'contracts/products/auth/v1.ts: broken',
        `${file}: expected a configuration file, can't read it (ENOENT); GATEWAY_CONFIG names another one`,
      ],
      exitCode: 1,
    });
  });

  it('does not pass a mistake of its own off as one of the file', async () => {
    await expect(command(['--config', shipped], {}, () => Promise.reject(new TypeError('a mistake')))).rejects.toThrow('a mistake');
  });

  it('takes the file that GATEWAY_CONFIG names', async () => {
    expect(await command([], { GATEWAY_CONFIG: small })).toMatchObject({ exitCode: 0 });
    expect(await command([], { GATEWAY_CONFIG: '' })).toMatchObject({
      err: ['environment GATEWAY_CONFIG: expected the path of a configuration, got ""'],
      exitCode: 1,
    });
  });

  it.each([
    [['--latency', '20'], '--latency: expected a duration like "20ms", got "20"'],
    [['--availability', '99.9'], '--availability: expected a share like 0.999, got "99.9"'],
    [['--explan', 'x'], "Unknown option '--explan'"],
    [['GET /v1/me'], "Unexpected argument 'GET /v1/me'"],
  ])('refuses %j and says how it is used', async (argv, said) => {
    const { out, err, exitCode } = await command(argv, {});
    expect([out, err[0]?.startsWith(said), err[1], exitCode]).toEqual([[], true, USAGE, 2]);
  });

  it('says how it is used when it is asked', async () => {
    expect(await command(['--help'], {})).toEqual({ out: [USAGE], err: [], exitCode: 0 });
  });

  it('as a process writes complaints to stderr and ends with 1', () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, 'products: []\n');
    const args = [
      '--disable-warning=ExperimentalWarning',
      '--import',
      join(root, 'test/process/from-source.ts'),
      join(root, 'src/check/main.ts'),
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, '--config', broken], { encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([1, '', `${broken}:1:11 products: expected names with values, got []\n`]);
  }, 30_000);
});
