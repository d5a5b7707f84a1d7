import { describe, expect, it } from '@jest/globals';
import { openLibrary } from '../edge/library.js';
import { OpsPort } from './operator.js';

const TOKEN = 'a-token-of-the-ops-port';
const PATHS = ['/ops/policy', '/ops/products', '/ops/history', '/ops/access', '/ops/openapi.json', '/metrics', '/nothing'];
const bearing = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });

describe('an ops port with a token', () => {
  it('wants it of every request but those for health', async () => {
    await using subject = await openLibrary({ ops: { opsToken: TOKEN } });
    const ops = new OpsPort(subject.gateway.opsUrl);
    for (const path of PATHS) {
      const refused = await ops.ask(path);
      expect([path, refused.status, refused.headers['www-authenticate']]).toEqual([path, 401, 'Bearer']);
      expect((await ops.ask(path, { headers: bearing(TOKEN) })).status).toBe(path === '/nothing' ? 404 : 200);
    }
    for (const path of ['/health/live', '/health/ready']) expect((await ops.ask(path)).status).toBe(200);
  });

  it.each(['', 'Bearer', `Bearer ${TOKEN}x`, `bearer ${TOKEN}`, `Bearer  ${TOKEN}`, `Basic ${TOKEN}`, TOKEN])(
    'takes no other: %j',
    async (authorization) => {
      await using subject = await openLibrary({ ops: { opsToken: TOKEN } });
      const told = await new OpsPort(subject.gateway.opsUrl).ask('/ops/policy', { headers: { authorization } });
      expect(told).toMatchObject({ status: 401, body: { code: 'token' } });
      expect(told.text).not.toContain(TOKEN);
    },
  );

  it('is slow for who guesses: five at once, then one a second, the right one too', async () => {
    await using subject = await openLibrary({ ops: { opsToken: TOKEN } });
    const { gateway } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const guess = async (token: string): Promise<number> => (await ops.ask('/ops/policy', { headers: bearing(token) })).status;
    for (let i = 0; i < 5; i++) expect(await guess(`guess-${i}`)).toBe(401);
    const late = await ops.ask('/ops/policy', { headers: bearing(TOKEN) });
    expect([late.status, late.headers['retry-after']]).toEqual([429, '1']);
    expect((await ops.ask('/health/ready')).status).toBe(200);
    gateway.clock.advance(1000);
    expect(await guess('guess-5')).toBe(401);
    expect(await guess(TOKEN)).toBe(429);
    gateway.clock.advance(1000);
    expect(await guess(TOKEN)).toBe(200);
  });

  it('answers to the names that it is given besides its own, whatever port stands before it', async () => {
    await using subject = await openLibrary({ ops: { opsToken: TOKEN, opsHosts: ['ops.internal'] } });
    const ops = new OpsPort(subject.gateway.opsUrl);
    const { port } = new URL(subject.gateway.opsUrl);
    const ask = async (host: string): Promise<number> => (await ops.ask('/ops/policy', { headers: { host, ...bearing(TOKEN) } })).status;
    for (const host of [`ops.internal:${port}`, 'ops.internal', 'OPS.internal:8443']) expect(await ask(host)).toBe(200);
    for (const host of [`evil.internal:${port}`, 'evil.internal', 'ops.internal.evil', 'ops.internal:80:80', `ops.internal@evil:${port}`])
      expect(await ask(host)).toBeGreaterThanOrEqual(400);
  });
});

describe('an ops port for the outside', () => {
  it('answers to the address that it is asked at: no page can be made to have that for its name', async () => {
    await using subject = await openLibrary({ ops: { opsHost: '127.0.0.2', opsToken: TOKEN } });
    const { opsUrl } = subject.gateway;
    const { host, port } = new URL(opsUrl);
    expect(host).toBe(`127.0.0.2:${port}`);
    const ask = async (host: string): Promise<number> => (await new OpsPort(opsUrl).ask('/health/ready', { headers: { host } })).status;
    expect([await ask(host), await ask(`127.0.0.3:${port}`), await ask(`127.0.0.2:${Number(port) - 1}`)]).toEqual([200, 403, 403]);
  });
});

describe('a write that a browser sends to the ops port', () => {
  const isolate = { product: 'library', isolated: true, reason: 'a test' };

  it.each([
    ['of another origin', { origin: 'https://evil.example.org' }],
    ['of no origin', { origin: 'null' }],
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another origin of the same site', { 'sec-fetch-site': 'same-site' }],
  ])('is refused where its page is %s', async (_, headers) => {
    await using subject = await openLibrary();
    const told = await new OpsPort(subject.gateway.opsUrl).post('/ops/isolate', isolate, { ...headers, 'x-interline-operator': 'ada' });
    expect(told).toMatchObject({ status: 403, body: { code: 'origin' } });
    expect(subject.gateway.running.gateway.policy.isolated).toEqual({});
  });

  it('is refused without the header that no form can send, and taken with it', async () => {
    await using subject = await openLibrary();
    const { opsUrl } = subject.gateway;
    const ops = new OpsPort(opsUrl);
    const own = { origin: opsUrl, 'sec-fetch-site': 'same-origin' };
    expect(await ops.post('/ops/isolate', isolate, own)).toMatchObject({ status: 403, body: { code: 'operator' } });
    expect(await ops.post('/ops/isolate', isolate, { ...own, 'x-interline-operator': 'ada' })).toMatchObject({ status: 200 });
  });

  it('is told to no other origin, whatever it asks', async () => {
    await using subject = await openLibrary();
    const ops = new OpsPort(subject.gateway.opsUrl);
    for (const method of ['GET', 'OPTIONS'])
      for (const path of PATHS) {
        const { headers } = await ops.ask(path, {
          method,
          headers: { origin: 'https://evil.example.org', 'access-control-request-method': 'PATCH', 'content-type': 'application/json' },
        });
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
  });
});

describe('what the ops port shows', () => {
  it('may do nothing in a browser but what comes from there', async () => {
    await using subject = await openLibrary();
    for (const path of [...PATHS, '/health/ready'])
      expect((await new OpsPort(subject.gateway.opsUrl).ask(path)).headers).toMatchObject({
        'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
  });

  it('is nowhere on the public port', async () => {
    await using subject = await openLibrary();
    for (const path of PATHS)
      for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) expect((await subject.gateway.get(path, { method })).status).toBe(404);
  });
});
