import { describe, expect, it } from '@jest/globals';
import { readEnv } from '../../src/env.js';

describe('the environment', () => {
  it('may say nothing', () => {
    expect(readEnv({})).toEqual({
      port: 8080,
      host: '0.0.0.0',
      opsPort: 8081,
      opsHost: '127.0.0.1',
      opsHosts: [],
      config: 'gateway.yaml',
      workers: 1,
      dataDir: '.data',
      logLevel: 'info',
      drainMs: 500,
    });
  });

  it('says where to listen, what to read, how much to log, how long to drain', () => {
    expect(
      readEnv({ PORT: '0', HOST: '::', OPS_PORT: '65535', OPS_HOST: '::1', GATEWAY_CONFIG: 'a.yaml', LOG_LEVEL: 'warn', DRAIN_MS: '0' }),
    ).toEqual({
      port: 0,
      host: '::',
      opsPort: 65_535,
      opsHost: '::1',
      opsHosts: [],
      config: 'a.yaml',
      workers: 1,
      dataDir: '.data',
      logLevel: 'warn',
      drainMs: 0,
    });
  });

  it.each([
    ['PORT', 'http', 'expected a port from 0 to 65535'],
    ['PORT', '65536', 'expected a port from 0 to 65535'],
    ['PORT', '-1', 'expected a port from 0 to 65535'],
    ['PORT', '', 'expected a port from 0 to 65535'],
    ['OPS_PORT', '80 81', 'expected a port from 0 to 65535'],
    ['HOST', '', 'expected an address to listen on'],
    ['GATEWAY_CONFIG', '', 'expected the path of a configuration'],
    ['LOG_LEVEL', 'loud', 'expected a level of the log: silent, fatal, error, warn, info, debug or trace'],
    ['WORKERS', '0', 'expected a number of processes from 1 to 999'],
    ['WORKERS', 'auto', 'expected a number of processes from 1 to 999'],
    ['WORKERS', '1000', 'expected a number of processes from 1 to 999'],
    ['DRAIN_MS', '2s', 'expected milliseconds'],
    ['DRAIN_MS', '-1', 'expected milliseconds'],
  ])('is refused where %s is %j', (name, value, expected) => {
    expect(() => readEnv({ [name]: value })).toThrow(new Error(`environment ${name}: ${expected}, got ${JSON.stringify(value)}`));
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org'])(
    'opens the ops port to others than this machine only with a token: %s',
    (host) => {
      expect(() => readEnv({ OPS_HOST: host })).toThrow(
        `environment OPS_HOST: expected a loopback address (127.0.0.1, ::1, localhost), got "${host}"; to listen elsewhere set OPS_TOKEN`,
      );
      expect(readEnv({ OPS_HOST: host, OPS_TOKEN: 'sixteen-or-more-characters', OPS_HOSTS: 'ops.internal,gateway-1' })).toMatchObject({
        opsHost: host,
        opsToken: 'sixteen-or-more-characters',
        opsHosts: ['ops.internal', 'gateway-1'],
      });
    },
  );

  it.each([
    ['OPS_TOKEN', 'too-short', 'expected sixteen characters or more, without spaces'],
    ['REDIS_HMAC_KEY', 'too-short', 'expected sixteen characters or more'],
    ['REDIS_URL', 'http://user:secret@redis', 'expected an address like "redis://127.0.0.1:6379"'],
  ])('never shows what a secret holds: %s', (name, value, expected) => {
    expect(() => readEnv({ [name]: value })).toThrow(
      new Error(`environment ${name}: ${expected}, got something else (not shown: it may be a secret)`),
    );
  });

  it('asks for a Redis where there is more than one worker', () => {
    expect(() => readEnv({ WORKERS: '2' })).toThrow(
      new Error(
        'environment WORKERS: expected 1, got "2"; to run more than one set REDIS_URL, by which limits, purges and knobs hold in all of them',
      ),
    );
    expect(readEnv({ WORKERS: '2', REDIS_URL: 'redis://127.0.0.1' })).toMatchObject({ workers: 2 });
    expect(readEnv({ WORKERS: '1' })).toMatchObject({ workers: 1 });
  });

  it('is told of all that is wrong at once', () => {
    expect(() => readEnv({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(
      expect.objectContaining({ name: 'EnvError', message: expect.stringMatching(/^environment PORT: .*\nenvironment LOG_LEVEL: /) }),
    );
  });
});
