import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it } from '@jest/globals';
import { type Clinic, openClinic } from './clinic.js';

const CHART = '/v1/chart';

/** What a product was told of who asks, at its last call. */
const told = (product: Clinic['records']): Readonly<Record<string, unknown>> => {
  const headers = product.calls.at(-1)?.headers;
  return { consumer: headers?.['x-interline-consumer'], token: headers?.['x-user-token'], authorization: headers?.authorization };
};

describe('what a product is told of who asks', () => {
  it('is a token that is minted for it alone, and verifies by the gateway’s published keys', async () => {
    await using clinic = await openClinic();
    const { records, lab, gateway, clock } = clinic;
    await clinic.ask(CHART, { token: clinic.token('ada') });
    const keys = createRemoteJWKSet(new URL(`${gateway.url}/.well-known/jwks.json`));
    for (const [product, fake] of Object.entries({ records, lab })) {
      const { payload } = await jwtVerify(String(told(fake)['token']), keys, {
        issuer: 'interline',
        audience: product,
        currentDate: new Date(clock.date()),
      });
      expect(payload).toMatchObject({ sub: 'ada', idp: clinic.issuer.issuer.name, client_id: 'portal' });
      expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
    }
    expect(decodeJwt(String(told(lab)['token']))).toMatchObject({ aud: 'lab', scope: 'records' });
    expect(decodeJwt(String(told(records)['token']))).toMatchObject({ aud: 'records', scope: '' });
  });

  it('is nothing where its answer is everybody’s, and the consumer alone where it depends on that', async () => {
    await using clinic = await openClinic({
      yaml: 'consumers: { portal: {}, lab: {}, billing: {} }\n',
      policies: { records: 'identity: minted\n    access: { consumers: [portal], user: optional }', lab: 'access: { consumers: [] }' },
    });
    const { records } = clinic;
    const token = clinic.token('ada');
    await clinic.ask('/products/records/v1/hours', { token });
    expect(told(records)).toEqual({ consumer: undefined, token: undefined, authorization: 'Bearer key-of-records' });
    await clinic.ask('/products/records/v1/tariff', { token });
    expect(told(records)).toEqual({ consumer: 'portal', token: undefined, authorization: 'Bearer key-of-records' });
    await clinic.ask('/products/records/v1/record', { token });
    expect(told(records)).toMatchObject({ consumer: 'portal', token: expect.any(String) as unknown });
  });

  it.each([
    ['none', undefined],
    ['token', 'the user’s own'],
  ])('is, by identity: %s, %s', async (identity, own) => {
    await using clinic = await openClinic({
      yaml: 'consumers: { portal: {}, lab: {}, billing: {} }\n',
      policies: { records: `identity: ${identity}\n    access: { consumers: [portal], user: optional }`, lab: 'access: { consumers: [] }' },
    });
    const token = clinic.token('ada');
    await clinic.ask('/products/records/v1/record', { token });
    expect(told(clinic.records)['token']).toBe(own === undefined ? undefined : token);
  });

  it('is what the gateway says, never what a caller wrote there', async () => {
    await using clinic = await openClinic();
    const hostile = Object.fromEntries(
      ['x-user-token', 'x-interline-consumer', 'X-User-Id', 'x_user_token', 'x-forwarded-user', 'forwarded', 'x-consumer'].map((name) => [
        name,
        'marker-4711',
      ]),
    );
    await clinic.ask(CHART, { token: clinic.token('ada') }, { headers: hostile });
    for (const product of [clinic.records, clinic.lab]) expect(JSON.stringify(product.calls)).not.toContain('marker-4711');
    expect(told(clinic.lab)['consumer']).toBe('portal');
  });

  it('is said once for many calls: a token is handed out again while it is good for a while', async () => {
    await using clinic = await openClinic();
    const token = clinic.token('ada');
    for (let i = 0; i < 3; i++) await clinic.ask(CHART, { token });
    expect(new Set(clinic.lab.calls.map(({ headers }) => headers['x-user-token'])).size).toBe(1);
    clinic.clock.advance(250_000);
    await clinic.ask(CHART, { token });
    expect(new Set(clinic.lab.calls.map(({ headers }) => headers['x-user-token'])).size).toBe(2);
  });
});

describe('a product that calls back', () => {
  it('shows its own key beside the token that it was given, and the next product gets another token', async () => {
    await using clinic = await openClinic();
    await clinic.ask(CHART, { token: clinic.token('ada') });
    const given = String(told(clinic.lab)['token']);
    const back = await clinic.ask('/products/records/v1/record', { consumer: 'lab', token: given });
    expect(back.status).toBe(200);
    expect(decodeJwt(String(told(clinic.records)['token']))).toMatchObject({
      aud: 'records',
      sub: 'ada',
      client_id: 'lab',
      idp: clinic.issuer.issuer.name,
    });
  });

  it.each([
    ['without its key', undefined],
    ['with the key of another', 'portal'],
  ])('opens nothing %s', async (_, consumer) => {
    await using clinic = await openClinic();
    await clinic.ask(CHART, { token: clinic.token('ada') });
    const given = String(told(clinic.lab)['token']);
    const calls = clinic.records.calls.length;
    const back = await clinic.ask('/products/records/v1/record', { token: given, ...(consumer !== undefined && { consumer }) });
    expect(back).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect(clinic.records.calls).toHaveLength(calls);
  });
});
