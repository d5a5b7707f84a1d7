import { describe, expect, it } from '@jest/globals';
import { openClinic } from './clinic.js';

const CHART = '/v1/chart';
const RECORD = '/products/records/v1/record';
const HOURS = '/products/records/v1/hours';
const RESULT = '/products/lab/v1/result';

describe('who may call what', () => {
  it('is what gateway.yaml says, for every consumer and every route; nobody else may', async () => {
    await using clinic = await openClinic();
    const token = clinic.token('ada');
    const statuses: Record<string, readonly number[]> = {};
    for (const path of [CHART, RECORD, HOURS, RESULT]) {
      const asked = [undefined, 'portal', 'lab', 'billing'].map(async (consumer) => {
        const key = consumer === undefined ? {} : { consumer };
        return (await clinic.ask(path, consumer === undefined ? {} : { ...key, token })).status;
      });
      statuses[path] = await Promise.all(asked);
    }
    expect(statuses).toEqual({
      [CHART]: [401, 200, 403, 403],
      [RECORD]: [401, 200, 200, 403],
      [HOURS]: [200, 403, 403, 403],
      [RESULT]: [401, 200, 403, 403],
    });
  });

  it('costs no product call where it is refused, and is counted as the caller’s', async () => {
    await using clinic = await openClinic();
    for (const who of [{}, { consumer: 'billing' }, { consumer: 'lab', token: clinic.token('ada') }]) await clinic.ask(CHART, who);
    expect(clinic.records.calls.length + clinic.lab.calls.length).toBe(0);
    const count = (category: string): Promise<number> =>
      clinic.gateway.metric('interline_responses_total', { category, route: 'GET /v1/chart' });
    expect([await count('failure_caller_unauthenticated'), await count('failure_caller_forbidden')]).toEqual([1, 2]);
  });

  it('is known by the client of a token, where no key is shown', async () => {
    await using clinic = await openClinic();
    expect((await clinic.ask(CHART, { token: clinic.token('ada') })).status).toBe(200);
    expect((await clinic.ask(CHART, { token: clinic.token('ada', { client_id: 'lab' }) })).status).toBe(403);
    expect(await clinic.ask(CHART, { token: clinic.token('ada', { client_id: 'stranger' }) })).toMatchObject({
      status: 403,
      body: { code: 'forbidden', detail: expect.stringContaining('no consumer is known by this token') as unknown },
    });
    expect(await clinic.gateway.metric('interline_responses_total', { consumer: 'portal' })).toBe(1);
  });

  it('wants a user where an answer depends on one, unless the route says otherwise', async () => {
    await using clinic = await openClinic();
    const refused = await clinic.ask(CHART, { consumer: 'portal' });
    expect(refused).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated', detail: expect.stringContaining('needs a user') as unknown },
    });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect((await clinic.ask(RECORD, { consumer: 'portal' })).status).toBe(200);
  });

  it('wants every scope of the route in the token, where the token says what it is good for', async () => {
    await using clinic = await openClinic();
    const refused = await clinic.ask(CHART, { token: clinic.token('ada', { scope: 'billing' }) });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="records"');
    expect((await clinic.ask(CHART, { token: clinic.token('ada', { scope: undefined }) })).status).toBe(200);
  });

  it('does not forgive a credential that is bad where none would do', async () => {
    await using clinic = await openClinic();
    const bad = await clinic.gateway.get(HOURS, { headers: { authorization: 'Bearer nonsense' } });
    expect(bad).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect(bad.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(await clinic.gateway.get(HOURS, { headers: { 'x-api-key': 'ik_nonsense' } })).toMatchObject({
      status: 401,
      body: { code: 'invalid_key' },
    });
    expect((await clinic.gateway.get(HOURS)).status).toBe(200);
  });

  it('ends with the token, whatever is kept of the answer', async () => {
    await using clinic = await openClinic({ product: 'cache: { fresh: 1h }', route: 'cache: { fresh: 1h }' });
    const token = clinic.token('ada');
    expect((await clinic.ask(CHART, { token })).status).toBe(200);
    clinic.clock.advance(3_600_000 + 60_000);
    expect(await clinic.ask(CHART, { token })).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
  });

  it('goes on by the keys that are known while the issuer is away, and by the consumers’ own', async () => {
    await using clinic = await openClinic();
    clinic.issuer.goesAway();
    expect((await clinic.ask(CHART, { token: clinic.token('ada') })).status).toBe(200); // they are known
    expect((await clinic.ask(RECORD, { consumer: 'lab' })).status).toBe(200);
  });

  it('is limited for each consumer by itself', async () => {
    await using clinic = await openClinic({ route: 'limit: { rate: 1/m, burst: 2 }' });
    const statuses = async (consumer: string): Promise<readonly number[]> => {
      const found: number[] = [];
      for (let i = 0; i < 3; i++) found.push((await clinic.ask(RECORD, { consumer })).status);
      return found;
    };
    expect(await statuses('portal')).toEqual([200, 200, 429]);
    expect(await statuses('lab')).toEqual([200, 200, 429]);
  });

  it('is shown on the ops port, with the day of the last use', async () => {
    await using clinic = await openClinic();
    await clinic.ask(CHART, { token: clinic.token('ada') });
    await clinic.ask(CHART, { consumer: 'lab', token: clinic.token('ada') });
    const map = (await (await fetch(`${clinic.gateway.opsUrl}/ops/access`)).json()) as { routes: { route: string }[] };
    expect(map.routes.find(({ route }) => route === 'GET /v1/chart')).toEqual({
      route: 'GET /v1/chart',
      scopes: ['records'],
      user: 'required',
      consumers: [{ consumer: 'portal', lastUse: '2026-11-20' }],
    });
    expect(map.routes.find(({ route }) => route === 'records.v1.getHours')).toMatchObject({
      user: 'optional',
      consumers: [{ consumer: 'anonymous', lastUse: null }],
    });
    expect(JSON.stringify(map)).not.toContain('ik_');
  });
});
