import { describe, expect, it } from '@jest/globals';
import { brokenJson } from './broken-json.js';
import { Rig, failureIn, kindOf, shop } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';

/** What a call comes to where the body is this. */
async function answering(bytes: Buffer, operation: keyof typeof shop = 'getAnything') {
  await using upstream = await ScriptedUpstream.says(bytes);
  await using rig = new Rig([upstream.url], { maxAnswerBytes: 8 * 1024 * 1024 });
  return await rig.call(shop[operation], { id: 'i-1', itemId: 'i-1' });
}

/** `getAnything`, with this text in the place of its value. */
const valued = (text: string | Buffer): Buffer => response(Buffer.concat([Buffer.from('{"value":'), Buffer.from(text), Buffer.from('}')]));

const raw = (head: string, body = ''): Buffer =>
  Buffer.from(`HTTP/1.1 ${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

describe('a body that is not JSON', () => {
  it('is malformed, whatever is wrong with it', async () => {
    expect(brokenJson.length).toBeGreaterThan(150);
    let text = '';
    await using upstream = await ScriptedUpstream.listen((connection) => connection.write(response(text)));
    await using rig = new Rig([upstream.url]);
    for (text of brokenJson)
      expect({ text, failure: failureIn(await rig.item()) }).toMatchObject({
        text,
        failure: { kind: 'malformed', status: 200, message: 'shop v1 getItem answered 200 with a body that is not JSON; expected JSON' },
      });
    expect(upstream.received.length).toBe(brokenJson.length);
  });

  it('is malformed where it says that it is something else', async () => {
    for (const type of [
      'text/html',
      'text/plain',
      'application/xml',
      'text/json',
      'application/jsonp',
      'application/json-seq',
      'x/y+json',
      '*/*',
      '',
    ])
      expect({ type, kind: kindOf(await answering(raw(`200 OK\r\ncontent-type: ${type}`, '{"value":1}'))) }).toEqual({
        type,
        kind: 'malformed',
      });
  });

  it('is read where it says JSON in any of its spellings, or nothing at all', async () => {
    const types = ['application/json', 'Application/JSON; charset=utf-8', 'application/vnd.shop.v1+json', 'application/json ;x=y'];
    for (const head of [...types.map((type) => `\r\ncontent-type: ${type}`), ''])
      expect(await answering(raw(`200 OK${head}`, '{"value":1}'))).toMatchObject({ ok: true, value: { value: 1 } });
  });

  it('is malformed where a page of HTML comes with 200, and nothing of it is shown', async () => {
    const failure = failureIn(await answering(raw('200 OK\r\ncontent-type: text/html', '<h1>marker-4711</h1>')));
    expect(failure).toMatchObject({ kind: 'malformed', message: expect.stringContaining('another content type') });
    expect(JSON.stringify(failure)).not.toContain('marker-4711');
  });

  it('breaks the contract where there is none and the contract has one', async () => {
    for (const head of ['200 OK\r\ncontent-type: application/json', '200 OK', '204 No Content', '205 Reset Content'])
      expect({ head, failure: failureIn(await answering(raw(head))) }).toMatchObject({
        head,
        failure: { kind: 'contract', fields: ['.'] },
      });
  });

  it('is not looked at where the contract has none', async () => {
    for (const bytes of [raw('204 No Content'), raw('200 OK'), raw('200 OK\r\ncontent-type: text/html', '<h1>done</h1>'), response('{')])
      expect(await answering(bytes, 'getNothing')).toMatchObject({ ok: true, value: undefined });
  });
});

describe('JSON that loses something when it is read', () => {
  const valueOf = async (text: string | Buffer): Promise<unknown> => {
    const outcome = await answering(valued(text));
    return outcome.ok ? (outcome.value as { readonly value: unknown }).value : outcome.failure.kind;
  };

  it('breaks the contract where a number is too large for a double', async () => {
    for (const text of ['1e400', '-1e400', '[1e309]', `1${'0'.repeat(400)}`])
      expect({ text, got: await valueOf(text) }).toEqual({ text, got: 'contract' });
  });

  it('breaks the contract where an integer is not exact and the contract says int', async () => {
    for (const count of ['9007199254740993', '-9007199254740993', '18446744073709551615', '1e300', '1.5'])
      expect(failureIn(await answering(response(`{"id":"i-1","count":${count}}`), 'getItem'))).toMatchObject({
        kind: 'contract',
        fields: ['count'],
      });
  });

  it('rounds to the nearest double where the contract says number', async () => {
    expect(await valueOf('9007199254740993')).toBe(9007199254740992);
    expect(await valueOf('0.1000000000000000055511151231257827')).toBe(0.1);
    expect(await valueOf('1e-400')).toBe(0);
    expect(await valueOf('-0')).toBe(-0);
  });

  it('takes the last of a key that stands twice', async () => {
    expect(await valueOf('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(await answering(response('{"id":"first","id":"last"}'), 'getItem')).toMatchObject({ value: { id: 'last' } });
  });

  it('keeps a lone surrogate that is escaped', async () => {
    expect(await valueOf('"\\ud800"')).toBe('\ud800');
    expect(await valueOf('"\\udead\\ud83d\\ude00"')).toBe('\udead\u{1f600}');
  });

  it('is malformed where its bytes are not UTF-8', async () => {
    const broken: readonly (readonly number[])[] = [
      [0xff],
      [0xfe, 0xff],
      [0x80],
      [0xc3],
      [0xc0, 0xaf],
      [0xe0, 0x80, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf8, 0x88, 0x80, 0x80, 0x80],
      [0xe9], // latin1
    ];
    for (const bytes of broken)
      expect({ bytes, got: await valueOf(Buffer.from([0x22, ...bytes, 0x22])) }).toEqual({ bytes, got: 'malformed' });
    expect(await answering(raw('200 OK\r\ncontent-type: application/json', '\ufeff{"value":1}'))).toMatchObject({
      failure: { kind: 'malformed' },
    });
    expect(await answering(response(Buffer.from('{"value":1}', 'utf16le')))).toMatchObject({ failure: { kind: 'malformed' } });
  });

  it('drops a key that would change a prototype', async () => {
    const outcome = await answering(
      response('{"id":"i-1","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
      'getItem',
    );
    expect(outcome).toEqual(expect.objectContaining({ ok: true, value: { id: 'i-1' } }));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('deep nesting', () => {
  const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + '1' + close.repeat(depth);

  it('is read up to the cap and breaks the contract beyond it, at any depth', async () => {
    expect(kindOf(await answering(valued(nested(60, '[', ']'))))).toBe('ok');
    for (const depth of [100, 1_000, 10_000, 100_000, 1_000_000]) {
      const failure = failureIn(await answering(valued(nested(depth, '[', ']'))));
      expect({ depth, failure }).toMatchObject({
        depth,
        failure: { kind: 'contract', message: expect.stringContaining('nested no deeper than 64') },
      });
    }
    for (const depth of [100, 10_000, 500_000])
      expect({ depth, kind: kindOf(await answering(valued(nested(depth, '{"a":', '}')))) }).toEqual({ depth, kind: 'contract' });
  });

  it('does no harm in a field that nobody reads', async () => {
    const body = `{"id":"i-1","more":${nested(1_000_000, '[', ']')}}`;
    expect(await answering(response(body), 'getItem')).toMatchObject({ ok: true, value: { id: 'i-1' } });
  });

  it('is malformed where it is never closed', async () => {
    expect(kindOf(await answering(response('['.repeat(1_000_000))))).toBe('malformed');
    expect(kindOf(await answering(response('{"a":'.repeat(500_000))))).toBe('malformed');
  });

  it('does no harm in the body of an error', async () => {
    const body = nested(500_000, '{"code":', '}');
    const bytes = Buffer.from(`HTTP/1.1 409 Conflict\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect(kindOf(await answering(bytes, 'getItem'))).toBe('refused');
  });
});
