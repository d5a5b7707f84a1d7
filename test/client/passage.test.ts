import { describe, expect, it } from '@jest/globals';
import { type IncomingHeaders, client } from '#contracts/client/index.js';
import { handClock } from '../hand-clock.js';
import { shop } from './contracts.js';
import { fakeGateway } from './fake-gateway.js';

const uses = { order: shop.getOrder.reads({ id: true }) };
const given = { id: 'o-0001' };
const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const incoming = {
  'cdn-loop': 'other, interline',
  via: '1.1 interline',
  traceparent: trace,
  'x-request-timeout-ms': '300',
  authorization: 'Bearer for-the-product-alone',
  cookie: 'session=1',
  'x-request-id': 'r-1',
  host: 'product',
};

describe('a call that helps to answer a request', () => {
  it.each<[string, IncomingHeaders]>([
    ['as a server of Node has them', incoming],
    ['as fetch has them', new Headers(incoming)],
    ['one by one', { ...incoming, 'cdn-loop': ['other', 'interline'] }],
  ])('passes on the way it came, its trace and its time, and nothing else of its headers: %s', async (_, answering) => {
    await using gateway = await fakeGateway({ json: given });
    await client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock: handClock() }).order(given, { answering });
    const headers = gateway.seen[0]?.headers;
    expect(headers).toMatchObject({
      'cdn-loop': 'other, interline',
      via: '1.1 interline',
      traceparent: trace,
      'x-request-timeout-ms': '300',
      host: new URL(gateway.baseUrl).host,
    });
    for (const absent of ['authorization', 'cookie', 'x-request-id']) expect(headers).not.toHaveProperty(absent);
  });

  it('may be told so once for all calls of a client, and otherwise for one', async () => {
    await using gateway = await fakeGateway({ json: given });
    let answering: IncomingHeaders | undefined = { 'cdn-loop': 'first' };
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, answering: () => answering });
    await order(given);
    await order(given, { answering: { 'cdn-loop': 'second' } });
    answering = undefined;
    await order(given);
    expect(gateway.seen.map(({ headers }) => headers['cdn-loop'])).toEqual(['first', 'second', undefined]);
  });

  it('belongs to the request’s trace rather than to the client’s surroundings, and to its own before both', async () => {
    await using gateway = await fakeGateway({ json: given });
    const [surroundings, own] = [trace.replace('0af7', '1af7'), trace.replace('0af7', '2af7')];
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, traceparent: () => surroundings });
    await order(given, { answering: incoming });
    await order(given, { answering: incoming, traceparent: own });
    await order(given, { answering: {} });
    expect(gateway.seen.map(({ headers }) => headers['traceparent'])).toEqual([trace, own, surroundings]);
  });

  it('is for the user for whom the request was made, rather than for the client’s own, and for its own before both', async () => {
    await using gateway = await fakeGateway({ json: given });
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, key: 'k-1', token: 'clients' });
    await order(given, { answering: { ...incoming, 'x-user-token': 'minted' } });
    await order(given, { answering: { ...incoming, 'x-user-token': 'minted' }, token: 'own' });
    await order(given, { answering: incoming });
    expect(gateway.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer minted', 'Bearer own', 'Bearer clients']);
    for (const { headers } of gateway.seen) {
      expect(headers).toMatchObject({ 'x-api-key': 'k-1' });
      expect(headers).not.toHaveProperty('x-user-token');
    }
  });

  it('does not outlast the request', async () => {
    await using gateway = await fakeGateway('never answers');
    const clock = handClock();
    const answer = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock }).order(given, { answering: incoming });
    await gateway.asked(1);
    clock.advance(300);
    expect(await answer).toMatchObject({ failure: { kind: 'timeout', message: expect.stringContaining('within 300 ms') } });
  });

  it.each(['1000', '0', '-1', '1.5', 'soon', '999999999'])(
    'has its own time where the request leaves more, or none that is one: %s',
    async (text) => {
      await using gateway = await fakeGateway({ json: given });
      const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock: handClock(), deadlineMs: 500 });
      await order(given, { answering: { 'x-request-timeout-ms': text } });
      expect(gateway.seen[0]?.headers['x-request-timeout-ms']).toBe('500');
    },
  );
});
