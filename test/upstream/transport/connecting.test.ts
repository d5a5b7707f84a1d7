import { describe, expect, it } from '@jest/globals';
import { errorOf } from '../../../src/upstream/exchange-error.js';
import { ITEM, Rig, failureIn } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';
import { selfSigned } from './self-signed.js';

describe('a product that can’t be connected to', () => {
  // A handshake that is never answered is a connection that is never made.
  const mute = (): Promise<ScriptedUpstream> => ScriptedUpstream.listen();
  const overTls = (upstream: ScriptedUpstream): string => upstream.url.replace('http:', 'https:');

  it('is unreachable once the time to connect is up', async () => {
    await using upstream = await mute();
    await using rig = new Rig([overTls(upstream)], { connectTimeoutMs: 1 });
    expect(failureIn(await rig.item())).toMatchObject({
      kind: 'unreachable',
      message: 'shop v1 getItem could not be connected to in time',
    });
    await upstream.downTo(0);
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });

  it('is out of time where the deadline comes first', async () => {
    await using upstream = await mute();
    await using rig = new Rig([overTls(upstream)], { connectTimeoutMs: 60_000, deadlineMs: 500 });
    const calling = rig.item();
    await upstream.connected(1);
    rig.clock.advance(500);
    expect(failureIn(await calling)).toMatchObject({ kind: 'timeout' });
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });
});

describe('a product behind TLS', () => {
  it('is unreachable where its certificate is signed by nobody, and gets no request', async () => {
    await using upstream = await ScriptedUpstream.listen((connection) => connection.write(response(ITEM)), selfSigned('127.0.0.1'));
    await using rig = new Rig([upstream.url]);
    expect(failureIn(await rig.item())).toMatchObject({
      kind: 'unreachable',
      message: 'shop v1 getItem has a certificate that is not trusted',
    });
    expect([upstream.received.length, rig.inFlight, rig.clock.pending]).toEqual([0, 0, 0]);
  });

  it('is unreachable where it does not speak TLS, or speaks nothing else', async () => {
    await using plain = await ScriptedUpstream.listen((connection) => connection.write(response(ITEM)));
    await using toPlain = new Rig([plain.url.replace('http:', 'https:')]);
    const calling = toPlain.item();
    await plain.connected(1);
    plain.connections[0]?.write(response(ITEM));
    expect(failureIn(await calling)).toMatchObject({ kind: 'unreachable', message: 'shop v1 getItem could not agree on TLS' });

    await using secure = await ScriptedUpstream.listen(undefined, selfSigned('127.0.0.1'));
    await using toSecure = new Rig([secure.url.replace('https:', 'http:')]);
    expect(failureIn(await toSecure.item()).kind).toBe('unreachable');
  });
});

describe('what a library says went wrong', () => {
  const said = (code: string, message = 'inner 10.0.0.7'): Error => Object.assign(new Error(message), { code });

  it.each([
    ['UND_ERR_CONNECT_TIMEOUT', 'could not be connected to in time'],
    ['ERR_WIRE_CONNECT_TIMEOUT', 'could not be connected to in time'],
    ['ETIMEDOUT', 'could not be connected to in time'],
    ['ECONNREFUSED', 'refused the connection'],
    ['ENOTFOUND', 'has a name that does not resolve'],
    ['EAI_AGAIN', 'has a name that does not resolve'],
    ['ECONNRESET', 'closed the connection'],
    ['EPIPE', 'closed the connection'],
    ['UND_ERR_SOCKET', 'closed the connection'],
    ['ERR_WIRE_CLOSED', 'closed the connection'],
    ['ERR_WIRE_REQUEST', 'could not be reached'],
    ['CERT_HAS_EXPIRED', 'has a certificate that is not trusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'has a certificate that is not trusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'has a certificate that is not trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'has a certificate that is not trusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'has a certificate that is not trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'has a certificate that is not trusted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'could not agree on TLS'],
    ['EPROTO', 'could not agree on TLS'],
    ['EHOSTUNREACH', 'could not be reached'],
    ['ESOMETHINGNEW', 'could not be reached'],
  ])('is, before an answer begins, a product that is unreachable: %s', (code, message) => {
    expect(errorOf(said(code), false)).toMatchObject({ kind: 'unreachable', message });
  });

  it.each([
    ['HPE_INVALID_CONSTANT', 'sent broken HTTP'],
    ['ERR_ASSERTION', 'sent broken HTTP'],
    ['ERR_WIRE_BROKEN', 'sent broken HTTP'],
    ['ERR_WIRE_UNASKED', 'sent a response that was not asked for'],
    ['ERR_WIRE_HEAD_TOO_LARGE', 'sent headers that are too large'],
    ['UND_ERR_HEADERS_OVERFLOW', 'sent headers that are too large'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'sent another length than it announced'],
  ])('is, at any time, an answer that is none: %s', (code, message) => {
    for (const answering of [false, true]) expect(errorOf(said(code), answering)).toMatchObject({ kind: 'malformed', message });
  });

  it('is, once an answer began, an answer that broke off', () => {
    for (const code of ['UND_ERR_SOCKET', 'ERR_WIRE_CLOSED', 'EPIPE', 'ESOMETHINGNEW'])
      expect(errorOf(said(code), true)).toMatchObject({ kind: 'malformed', message: 'broke off in the middle of its answer' });
    expect(errorOf(said('ECONNRESET'), true)).toMatchObject({ kind: 'unreachable', message: 'closed the connection' });
  });

  it('may have no code, or be no error at all', () => {
    const nameless = Object.assign(new Error('broken'), { name: 'HTTPParserError', code: undefined });
    expect(errorOf(nameless, false)).toMatchObject({ kind: 'malformed', message: 'sent broken HTTP' });
    for (const odd of [undefined, null, 'text', 7, {}, { code: 7 }, new Error('')])
      expect(errorOf(odd, false)).toMatchObject({ kind: 'unreachable', message: 'could not be reached', cause: odd });
  });

  it('is never said to a caller: addresses and bytes stay in the cause', () => {
    for (const code of ['ECONNREFUSED', 'HPE_INTERNAL', 'ESOMETHINGNEW'])
      expect(errorOf(said(code), false).message).not.toContain('10.0.0.7');
  });
});
