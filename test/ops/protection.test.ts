import { describe, expect, it } from '@jest/globals';
import { openLibrary } from '../edge/library.js';
import { OpsPort } from './operator.js';

const CHANGE = { changes: { 'products.library.cache.fresh': '5s' }, reason: 'a test' };

describe('the ops port', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', 'LocalHost'])('answers to the name %s with its port', async (name) => {
    await using subject = await openLibrary();
    const { port } = new URL(subject.gateway.opsUrl);
    const ops = new OpsPort(subject.gateway.opsUrl);
    expect(await ops.ask('/ops/policy', { headers: { host: `${name}:${port}` } })).toMatchObject({ status: 200 });
  });

  it.each([
    ['a name that was made to point here', (port: string) => `evil.example:${port}`],
    ['a name that begins like one of its own', (port: string) => `localhost.evil.example:${port}`],
    ['another port', (port: string) => `127.0.0.1:${Number(port) - 1}`],
    ['no port', () => 'localhost'],
    ['an address of the network', (port: string) => `192.168.0.1:${port}`],
  ])('answers to no other: %s', async (_, hostOf) => {
    await using subject = await openLibrary();
    const { port } = new URL(subject.gateway.opsUrl);
    const ops = new OpsPort(subject.gateway.opsUrl);
    const host = hostOf(port);
    for (const path of ['/ops/policy', '/ops/products', '/metrics', '/health/ready', '/nothing'])
      expect(await ops.ask(path, { headers: { host } })).toMatchObject({
        status: 403,
        headers: { 'content-type': 'application/problem+json; charset=utf-8' },
        body: { code: 'host', detail: `expected the Host to be one of 127.0.0.1:${port}, localhost:${port}, [::1]:${port}` },
      });
    const { revision } = await ops.policy();
    const headers = { host, 'if-match': `"${revision}"` };
    expect(await ops.ask('/ops/policy', { method: 'PATCH', headers, body: CHANGE })).toMatchObject({ status: 403 });
    expect((await ops.policy()).revision).toBe(revision);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form with files', 'multipart/form-data; boundary=x'],
    ['a text', 'text/plain'],
    ['a text that names JSON', 'text/plain; application/json'],
    ['what is not said', undefined],
  ])('takes nothing but JSON: not %s, which a foreign page can send', async (_, type) => {
    await using subject = await openLibrary();
    const ops = new OpsPort(subject.gateway.opsUrl);
    const body = JSON.stringify({ product: 'library', isolated: true, reason: 'x' });
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    expect(await ops.ask('/ops/isolate', { method: 'POST', headers, body })).toMatchObject({ status: 415, body: { code: 'mediaType' } });
    expect(subject.gateway.running.gateway.policy.isolated).toEqual({});
  });

  it.each([
    ['half of an object', '{"product":'],
    ['no body', ''],
    ['a key that reaches into JavaScript', '{"__proto__":{"product":"library"}}'],
  ])('refuses what is no JSON: %s', async (_, body) => {
    await using subject = await openLibrary();
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect(await new OpsPort(subject.gateway.opsUrl).ask('/ops/isolate', { method: 'POST', headers, body })).toMatchObject({
      status: 400,
      body: { code: 'invalid', detail: 'expected a body of well-formed JSON' },
    });
  });

  it('refuses a body that is larger than any change', async () => {
    await using subject = await openLibrary();
    const told = await new OpsPort(subject.gateway.opsUrl).post('/ops/undo', { revision: 1, who: 'x'.repeat(70_000) });
    expect(told).toMatchObject({ status: 413, body: { code: 'tooLarge' } });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/ops'],
    ['GET', '/ops/policy/x'],
    ['POST', '/ops/policy'],
    ['DELETE', '/ops/policy'],
    ['GET', '/v1/books/b-1'],
  ])('knows no %s %s', async (method, path) => {
    await using subject = await openLibrary();
    expect(await new OpsPort(subject.gateway.opsUrl).ask(path, { method })).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/problem+json; charset=utf-8' },
      body: {
        type: 'urn:interline:problem:notFound',
        code: 'notFound',
        detail: 'nothing has this path; /ops/openapi.json lists what there is',
      },
    });
  });

  it('holds back who writes too often, in its own words, and is read meanwhile', async () => {
    await using subject = await openLibrary();
    const ops = new OpsPort(subject.gateway.opsUrl);
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++) statuses.push((await ops.post('/ops/purge', { tag: 'x' })).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const told = await ops.post('/ops/purge', { tag: 'x' });
    expect(told).toMatchObject({ status: 429, body: { code: 'limited' } });
    expect(Number(told.headers['retry-after'])).toBeGreaterThan(0);
    expect(await ops.ask('/ops/policy')).toMatchObject({ status: 200 });
  });

  it('says nothing of a mistake of ours but that the log has it', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    gateway.running.gateway.metrics.text = () => Promise.reject(new Error('the secret'));
    const told = await new OpsPort(gateway.opsUrl).ask('/metrics');
    expect(told).toMatchObject({ status: 500, body: { code: 'internal', detail: 'internal error: the log tells more' } });
    expect(told.text).not.toContain('secret');
    expect(gateway.log.at(-1)).toMatchObject({ level: 50, err: { message: 'the secret' } });
  });
});
