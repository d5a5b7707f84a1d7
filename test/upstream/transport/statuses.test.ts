import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Rig, failureIn, kindOf, shop } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';

const ERRORS: Readonly<Record<number, string>> = { 404: 'itemNotFound', 410: 'itemGone' };

/** What `getItem` comes to where the product answers with this status and no sense. */
function expected(status: number): string {
  if (status === 204 || status === 205) return 'contract'; // no body, where the contract has one
  if (status < 300) return 'ok';
  if (status < 400) return 'malformed';
  if (ERRORS[status]) return 'declared';
  if (status === 408) return 'timeout';
  if (status === 429) return 'throttled';
  return status < 500 ? 'refused' : 'error';
}

/** What `getItem` comes to where the product answers so. */
async function answering(status: number, headers: Readonly<Record<string, string>> = {}, body = '{"id":"i-1"}') {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const bodiless = status === 204 || status === 205 || status === 304;
  await using upstream = await ScriptedUpstream.says(
    response(bodiless ? '' : body, lines.join(''), `${status} ${STATUS_CODES[status] ?? 'Odd'}`),
  );
  await using rig = new Rig([upstream.url]);
  return await rig.call(shop.getItem, { id: 'i-1' });
}

describe('the status of an answer', () => {
  it('decides what the call comes to, for each status there is', async () => {
    let bytes = response('');
    await using upstream = await ScriptedUpstream.listen((connection) => connection.write(bytes));
    await using rig = new Rig([upstream.url], { connections: 1 });
    const wrong: unknown[] = [];
    for (let status = 200; status <= 599; status++) {
      bytes = response(expected(status) === 'contract' || status === 304 ? '' : '{"id":"i-1"}', '', `${status} Odd`);
      const outcome = await rig.item();
      rig.clock.advance(60_000); // a product that asks to be called less is left alone so long at most
      const came = { kind: kindOf(outcome), status: outcome.ok ? outcome.answer.status : outcome.failure.status };
      if (came.kind !== expected(status) || came.status !== status) wrong.push({ status, came });
    }
    expect(wrong).toEqual([]);
    expect(rig.inFlight).toBe(0);
  });

  it('is the product’s own trouble where it gave up waiting for the request, unless its contract has a name for that', async () => {
    await using upstream = await ScriptedUpstream.says(response('', '', '408 Request Timeout'));
    await using rig = new Rig([upstream.url]);
    expect(failureIn(await rig.item())).toMatchObject({ kind: 'timeout', status: 408 });
    expect(failureIn(await rig.call(shop.wait))).toMatchObject({ kind: 'declared', error: 'tooLong', status: 408 });
  });

  it('is not looked for in informational responses: the one that comes after them counts', async () => {
    for (let status = 102; status <= 199; status++) {
      await using upstream = await ScriptedUpstream.says(`HTTP/1.1 ${status} Info\r\n\r\n`, response('{"id":"i-1"}'));
      await using rig = new Rig([upstream.url]);
      expect({ status, kind: kindOf(await rig.item()) }).toEqual({ status, kind: 'ok' });
    }
  });
});

describe('an error that the contract declares', () => {
  it('is told by its status, whatever its body', async () => {
    for (const body of ['', '<h1>gone</h1>', '{"code":"itemNotFound"}'])
      expect(failureIn(await answering(410, {}, body))).toMatchObject({ kind: 'declared', error: 'itemGone', status: 410 });
  });

  it('is told by its code where several share the status', async () => {
    expect(failureIn(await answering(409, {}, '{"code":"outOfStock"}'))).toMatchObject({ kind: 'declared', error: 'outOfStock' });
    expect(failureIn(await answering(409, {}, '{"code":"reserved"}'))).toMatchObject({ kind: 'declared', error: 'reserved' });
  });

  it('is refused where no code tells which it is', async () => {
    const bodies = [
      '',
      '{',
      '[]',
      'null',
      '"reserved"',
      '{}',
      '{"code":null}',
      '{"code":["reserved"]}',
      '{"code":"itemNotFound"}',
      '{"code":"constructor"}',
      '{"Code":"reserved"}',
    ];
    for (const body of bodies)
      expect({ body, failure: failureIn(await answering(409, {}, body)) }).toMatchObject({ failure: { kind: 'refused', status: 409 } });
    expect(kindOf(await answering(409, { 'content-encoding': 'identity' }, '{"code":"reserved"}'))).toBe('declared');
  });

  it('says when a new try makes sense, where the product does', async () => {
    expect(failureIn(await answering(410, { 'retry-after': '7' }))).toMatchObject({ kind: 'declared', retryAfter: 7 });
    expect(failureIn(await answering(410))).not.toHaveProperty('retryAfter');
  });
});

describe('a product that asks to be called less', () => {
  const DATE = 'Fri, 20 Nov 2026 12:00:00 GMT';

  it.each([
    ['seconds', '7', 7],
    ['no time at all', '0', 0],
    ['spaces around it', '  12  ', 12],
    ['more than an hour, which is cut', '86400', 3600],
    ['more than any number, which is cut', '9'.repeat(40), 3600],
    ['a date', 'Fri, 20 Nov 2026 12:00:30 GMT', 30],
    ['a date in the form of RFC 850', 'Friday, 20-Nov-26 12:00:30 GMT', 30],
    ['a date that has passed', 'Fri, 20 Nov 2026 11:00:00 GMT', 0],
    ['a date far away, which is cut', 'Sat, 20 Nov 2027 12:00:00 GMT', 3600],
  ])('is believed with %s', async (_, value, retryAfter) => {
    for (const status of [429, 503])
      expect(failureIn(await answering(status, { date: DATE, 'retry-after': value }))).toMatchObject({
        kind: 'throttled',
        status,
        retryAfter,
      });
  });

  it.each(['soon', '-5', '1.5', '+7', '7s', '7, 8', '0x10', '1e3', '2026-11-20T12:00:30Z', '20 Nov 2026', 'Fri', 'NaN', '""'])(
    'is an error, and 429 a second’s wait, where Retry-After is junk: %s',
    async (value) => {
      expect(failureIn(await answering(503, { date: DATE, 'retry-after': value }))).toMatchObject({ kind: 'error', status: 503 });
      expect(failureIn(await answering(429, { date: DATE, 'retry-after': value }))).toMatchObject({ kind: 'throttled', retryAfter: 1 });
    },
  );

  it('is an error with a date but no date of its own to count from', async () => {
    expect(kindOf(await answering(503, { 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' }))).toBe('error');
    expect(kindOf(await answering(503, { date: 'today', 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' }))).toBe('error');
  });

  it('is an error where another 5xx says when to come again', async () => {
    expect(kindOf(await answering(500, { 'retry-after': '7' }))).toBe('error');
  });
});
