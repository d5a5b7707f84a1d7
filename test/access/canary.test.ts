import { describe, expect } from '@jest/globals';
import { type RedisServer, redisTests } from '../redis-server.js';
import { type Clinic, openClinic } from './clinic.js';

const PATHS = [
  '/v1/chart',
  '/products/records/v1/record',
  '/products/records/v1/tariff',
  '/products/records/v1/hours',
  '/products/lab/v1/result',
];

/** Asks for everything as everybody, well and badly. @returns every answer, headers and all */
async function answers(clinic: Clinic): Promise<string> {
  const said: string[] = [];
  const whos = [
    {},
    { consumer: 'portal' },
    { consumer: 'lab' },
    { token: clinic.token('ada') },
    { consumer: 'portal', token: clinic.token('bob') },
    { token: `${clinic.token('eve')}x` },
  ];
  for (const path of [...PATHS, '/nowhere', '/.well-known/jwks.json', '/health/ready'])
    for (const who of whos) {
      const { text, headers } = await clinic.ask(path, who);
      said.push(text, JSON.stringify([...headers]));
    }
  return said.join('\n');
}

/** All that the ops port shows. */
async function shown({ gateway: { opsUrl } }: Clinic): Promise<string> {
  const paths = [
    '/ops/policy',
    '/ops/products',
    '/ops/access',
    '/ops/history',
    '/ops/openapi.json',
    '/metrics',
    '/health/ready',
    '/health/live',
  ];
  return (await Promise.all(paths.map(async (path) => (await fetch(opsUrl + path)).text()))).join('\n');
}

/** All that Redis holds, as its own bytes. */
async function held(server: RedisServer): Promise<string> {
  const keys = (await server.command('KEYS', '*')) as readonly string[];
  const dumps = await Promise.all(keys.map(async (key) => [key, String(await server.command('DUMP', key))]));
  return JSON.stringify(dumps);
}

describe('a secret', () => {
  redisTests({
    'is seen by whom it is meant for and by nobody else: not in an answer, the log, metrics, the ops port, Redis, or another product’s calls':
      async (server) => {
        await using clinic = await openClinic({ redis: server.url, product: 'cache: { fresh: 1h }', route: 'cache: { fresh: 1h }' });
        const { records, lab, gateway } = clinic;
        let said = await answers(clinic);
        for (const break_ of [401, 403, 500, 503]) {
          for (const product of [records, lab]) product.breaks(break_);
          await fetch(`${gateway.opsUrl}/ops/purge`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-interline-operator': 'ada' },
            body: '{"product":"records"}',
          });
          said += await answers(clinic);
        }
        const everywhere = [said, JSON.stringify(gateway.log), await shown(clinic), await held(server)];
        const calls = { records: JSON.stringify(records.calls), lab: JSON.stringify(lab.calls) };
        const tokensOf = (product: typeof records): readonly string[] =>
          [...new Set(product.calls.flatMap(({ headers }) => headers['x-user-token'] ?? []))].map(String);
        const secrets: readonly (readonly [secret: string, meantFor: keyof typeof calls | undefined])[] = [
          ['key-of-records', 'records'],
          ['key-of-lab', 'lab'],
          ...['portal', 'lab', 'billing'].map((name) => [gateway.keyOf(name), undefined] as const),
          ...['ada', 'bob'].map((user) => [clinic.token(user).split('.')[1] ?? '', undefined] as const),
          ...tokensOf(records).map((token) => [token, 'records'] as const),
          ...tokensOf(lab).map((token) => [token, 'lab'] as const),
        ];
        expect(secrets.length).toBeGreaterThan(8);
        for (const [secret, meantFor] of secrets) {
          expect(everywhere.map((text) => text.includes(secret))).toEqual([false, false, false, false]);
          for (const [product, text] of Object.entries(calls))
            expect([product, text.includes(secret)]).toEqual([product, product === meantFor]);
        }
      },
  });
});
