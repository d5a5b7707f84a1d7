import { describe, expect, it } from '@jest/globals';
import { Monolith, ask, gatewayOver } from './monolith.js';

const APP = 'https://app.example.org';
const listed = { yaml: `edge: { cors: { origins: ['${APP}'] } }\n` };

/** A product that opens itself to everybody. */
const OPEN = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true', 'access-control-max-age': '86400' };
const open = (): Promise<Monolith> =>
  Monolith.listen((_, response) =>
    response.writeHead(200, { ...OPEN, vary: 'accept-language', 'cache-control': 'max-age=60' }).end('hello'),
  );

const PREFLIGHT = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization,x-own' };

const said = (headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name === 'vary' || name.startsWith('access-control')));

describe('an answer that is passed through to a page of another origin', () => {
  it.each([
    ['that is listed, for it alone', APP, { 'access-control-allow-origin': APP, 'access-control-expose-headers': expect.any(String) }],
    ['that is not listed, for nobody', 'https://evil.example.org', {}],
  ])('may be read by one %s, whatever its product says, when it is kept too', async (_, origin, expected) => {
    await using monolith = await open();
    await using gateway = await gatewayOver(monolith, '', listed);
    for (let i = 0; i < 2; i++) {
      const { status, headers } = await ask(`${gateway.url}/products/monolith/a`, 'GET', { origin });
      expect([status, said(headers)]).toEqual([200, { vary: 'origin, accept-language', ...expected }]);
    }
  });

  it('says what its product says of that where no origin is listed', async () => {
    await using monolith = await open();
    await using gateway = await gatewayOver(monolith);
    const { headers } = await ask(`${gateway.url}/products/monolith/a`, 'GET', { origin: APP });
    expect(said(headers)).toEqual({ vary: 'accept-language', ...OPEN });
  });
});

describe('a page of another origin that asks whether it may ask a product that is passed through', () => {
  it('is told so by the gateway where it is listed: anything', async () => {
    await using monolith = await open();
    await using gateway = await gatewayOver(monolith, '', listed);
    const { status, headers } = await ask(`${gateway.url}/products/monolith/a`, 'OPTIONS', { origin: APP, ...PREFLIGHT });
    expect([status, headers['access-control-allow-origin'], headers['access-control-allow-methods'], headers['vary']]).toEqual([
      204,
      APP,
      '*',
      'origin',
    ]);
    expect(String(headers['access-control-allow-headers']).split(', ')).toEqual(expect.arrayContaining(['authorization', '*']));
    expect(monolith.arrived).toEqual([]);
  });

  it('is told nothing where it is not', async () => {
    await using monolith = await open();
    await using gateway = await gatewayOver(monolith, '', listed);
    const told = await ask(`${gateway.url}/products/monolith/a`, 'OPTIONS', { origin: 'https://evil.example.org', ...PREFLIGHT });
    expect(said(told.headers)).toEqual({ vary: 'origin, accept-language' });
  });
});

describe('OPTIONS that is no question of a page', () => {
  it('is passed through like any other request', async () => {
    await using monolith = await open();
    await using gateway = await gatewayOver(monolith, '', listed);
    expect((await ask(`${gateway.url}/products/monolith/a`, 'OPTIONS', { origin: APP })).status).toBe(200);
    expect(monolith.arrived.map(({ method }) => method)).toEqual(['OPTIONS']);
  });
});
