import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { GatewayProcess, configuration, keyOf, products } from './gateway-process.js';

/** A port that is taken until the test ends. */
async function takenPort(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await once(server.close(), 'close');
  };
  return { port, [Symbol.asyncDispose]: close };
}

describe('the process', () => {
  it('says where it listens, answers on both ports, and ends well when it is told to', async () => {
    await using gateway = new GatewayProcess(configuration());
    const { url, opsUrl } = await gateway.listening();
    expect(new URL(url).port).not.toBe(new URL(opsUrl).port);
    for (const path of [`${url}/health/ready`, `${opsUrl}/health/ready`, `${opsUrl}/metrics`, `${url}/openapi.json`])
      expect([path, (await fetch(path)).status]).toEqual([path, 200]);
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toBe(0);
    expect(await gateway.stderr).toBe('');
    expect(gateway.log.map(({ msg }) => msg)).toEqual(['listening', 'ending']);
  }, 30_000);

  it('ends well on Ctrl-C too', async () => {
    await using gateway = new GatewayProcess(configuration(), { DRAIN_MS: '0' });
    await gateway.listening();
    gateway.signal('SIGINT');
    expect(await gateway.exit).toBe(0);
  }, 30_000);

  it.each([
    [
      'a configuration that is broken',
      configuration().replace('deadline: 60s', 'deadline: soon'),
      {},
      /^\S+gateway\.yaml:2:24 defaults\.product\.deadline: expected a duration like "800ms" or "2s", got "soon"\n$/,
    ],
    [
      'a configuration without one of its products',
      configuration().replace(/ {2}auth: .*\n/, ''),
      {},
      /^\S+gateway\.yaml:5:3 products: expected the product "auth", which has a contract\n$/,
    ],
    [
      'no configuration',
      undefined,
      {},
      /^\S+gateway\.yaml: expected a configuration file, can't read it \(ENOENT\); GATEWAY_CONFIG names another one\n$/,
    ],
    [
      'a key that is not set',
      configuration(),
      { [keyOf('auth')]: undefined },
      /^\S+gateway\.yaml:\d+:\d+ products\.auth\.credential\.variable: expected the environment variable AUTH_API_KEY to hold the key of auth, it is not set\n$/,
    ],
    ['a port that is none', configuration(), { PORT: 'http' }, /^environment PORT: expected a port from 0 to 65535, got "http"\n$/],
    [
      'an ops port for the outside and no token',
      configuration(),
      { OPS_HOST: '0.0.0.0' },
      /^environment OPS_HOST: expected a loopback address \(.*\), got "0\.0\.0\.0"; to listen elsewhere set OPS_TOKEN, which every request has to show\n$/,
    ],
    [
      'more than one worker and no Redis',
      configuration(),
      { WORKERS: '2' },
      /^environment WORKERS: expected 1, got "2"; to run more than one set REDIS_URL, by which limits, purges and knobs hold in all of them\n$/,
    ],
  ])(
    'with %s says so in a line and ends with 1, before it listens',
    async (_, yaml, env: Record<string, string | undefined>, line) => {
      await using gateway = new GatewayProcess(yaml, env);
      expect(await gateway.exit).toBe(1);
      expect(await gateway.stderr).toMatch(line);
      expect(gateway.log).toEqual([]);
    },
    30_000,
  );

  it.each(['PORT', 'OPS_PORT'])(
    'whose %s is taken says so and ends, and keeps no other port',
    async (name) => {
      await using taken = await takenPort();
      await using gateway = new GatewayProcess(configuration(), { [name]: String(taken.port) });
      expect(await gateway.exit).toBe(1);
      expect(await gateway.stderr).toBe(
        `listen EADDRINUSE: address already in use 127.0.0.1:${taken.port}: PORT, HOST and OPS_PORT say where to listen\n`,
      );
      expect(gateway.log).toEqual([]);
    },
    30_000,
  );

  it('needs no product to start: the first call tells of one that is not there', async () => {
    expect(products).toContain('auth');
    await using gateway = new GatewayProcess(configuration());
    const { url } = await gateway.listening();
    const response = await fetch(`${url}/products/auth/v1/users/u-0001`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: 'unreachable', product: 'auth' });
  }, 30_000);
});
