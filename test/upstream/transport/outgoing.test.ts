import { describe, expect, it } from '@jest/globals';
import { Credential } from '../../../src/policy/credential.js';
import { ITEM, Rig, failureIn, kindOf, shop } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';

describe('a request to a product', () => {
  it('has exactly the headers that the gateway and the contract give it', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url], { deadlineMs: 500 });
    await rig.call(shop.getItem, { id: 'i-1', language: 'sv' });
    const { line, headers, body } = await upstream.request(1);
    expect({ line, headers, body }).toEqual({
      line: 'GET /v1/items/i-1 HTTP/1.1',
      headers: {
        host: new URL(upstream.url).host,
        connection: 'keep-alive',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'accept-language': 'sv',
        authorization: 'Bearer canary-of-shop',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        'x-request-id': 'r-1',
        'x-request-timeout-ms': '500',
      },
      body: '',
    });
  });

  it('has a body of JSON with its length where it writes', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url]);
    await rig.call(shop.order, { itemId: 'naïve' });
    const { headers, body } = await upstream.request(1);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '19' });
    expect(body).toBe('{"itemId":"naïve"}');
  });

  it('has no authorization where the product has no credential', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url], { credential: undefined });
    await rig.item();
    expect((await upstream.request(1)).headers).not.toHaveProperty('authorization');
  });

  it('fails before it is sent where the credential can’t stand in a header, and the failure does not show it', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url], { credential: new Credential('canary-4711\r\nx-evil: 1') });
    const failure = failureIn(await rig.item());
    expect(failure).toMatchObject({ kind: 'unreachable', message: 'shop v1 getItem could not be reached' });
    expect(String(failure.cause)).not.toContain('canary-4711');
    expect([upstream.received.length, rig.inFlight]).toEqual([0, 0]);
  });
});

describe('a redirect', () => {
  const statuses = [
    '300 Multiple Choices',
    '301 Moved Permanently',
    '302 Found',
    '303 See Other',
    '305 Use Proxy',
    '307 Temporary Redirect',
    '308 Permanent Redirect',
  ];

  it('is malformed and never followed, by whatever name it leads away', async () => {
    await using elsewhere = await ScriptedUpstream.says(response(ITEM));
    const places = [elsewhere.url, elsewhere.url.replace('http:', ''), '/v1/items/i-2', 'file:///etc/passwd', 'http://[::1]:1/', ''];
    for (const status of statuses)
      for (const place of places) {
        await using upstream = await ScriptedUpstream.says(response('', `location: ${place}\r\nrefresh: 0; url=${place}\r\n`, status));
        await using rig = new Rig([upstream.url]);
        const failure = failureIn(await rig.item());
        expect({ status, place, failure }).toMatchObject({ failure: { kind: 'malformed', status: Number(status.slice(0, 3)) } });
        expect(failure.message).not.toContain(place || 'location');
        expect(upstream.received.length).toBe(1);
      }
    expect(elsewhere.connections.length).toBe(0);
  });

  it('is not followed for a write either', async () => {
    await using elsewhere = await ScriptedUpstream.listen();
    await using upstream = await ScriptedUpstream.says(response('', `location: ${elsewhere.url}\r\n`, '307 Temporary Redirect'));
    await using rig = new Rig([upstream.url]);
    expect(kindOf(await rig.call(shop.order, { itemId: 'i-1' }))).toBe('malformed');
    expect([upstream.received.length, elsewhere.connections.length]).toEqual([1, 0]);
  });
});
