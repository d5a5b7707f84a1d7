import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { auth } from '#contracts/products/auth/v1.js';
import { fakeProduct } from '../fake-product.js';
import { GatewayProcess, configuration } from './gateway-process.js';

const PATH = '/products/auth/v1/users/u-0001';

/** What became of the requests of one caller. */
interface Tally {
  answered: number;
  readonly failed: string[];
}

/**
 * A caller that asks again on its one connection as soon as it is answered, until an answer says that the connection is
 * closed: then it goes elsewhere, as a balancer does. Whatever went out and was not answered well has failed.
 */
async function keepAsking(url: string, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let goesOn = true; goesOn;) {
      const request = get(url + PATH, { agent });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const body = await text(response);
      if (response.statusCode === 200 && body.includes('u-0001')) tally.answered++;
      else tally.failed.push(`${response.statusCode} ${body}`);
      goesOn = response.headers.connection !== 'close';
    }
  } catch (error) {
    tally.failed.push(String(error));
  } finally {
    agent.destroy();
  }
}

describe('a process that is told to end', () => {
  it('under load fails no request, and ends well', async () => {
    await using product = await fakeProduct(auth);
    await using gateway = new GatewayProcess(configuration({ auth: product.url }), { DRAIN_MS: '1000' });
    const { url } = await gateway.listening();
    const tally: Tally = { answered: 0, failed: [] };
    const callers = Array.from({ length: 20 }, () => keepAsking(url, tally));
    await product.arrived(500);
    gateway.signal('SIGTERM');
    await Promise.all(callers);
    expect(await gateway.exit).toBe(0);
    expect(tally.failed).toEqual([]);
    expect(tally.answered).toBe(product.count('getUser'));
    expect(tally.answered).toBeGreaterThan(500);
    expect(await gateway.stderr).toBe('');
  }, 30_000);

  it('finishes what it has begun', async () => {
    await using product = await fakeProduct(auth);
    const held: ServerResponse[] = [];
    product.raw((_, response) => void held.push(response));
    await using gateway = new GatewayProcess(configuration({ auth: product.url }), { DRAIN_MS: '0' });
    const { url } = await gateway.listening();
    const answer = fetch(url + PATH);
    await product.arrived(1);
    gateway.signal('SIGTERM');
    await gateway.said('ending');
    const user = { id: 'u-0001', name: 'Ada', email: 'ada@example.org', language: 'en', memberSince: '2024-03-18' };
    held[0]?.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(user));
    const response = await answer;
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual(user);
    expect(await gateway.exit).toBe(0);
  }, 30_000);

  it('ends in time though a product never answers', async () => {
    await using product = await fakeProduct(auth);
    product.hangs();
    await using gateway = new GatewayProcess(configuration({ auth: product.url }), { DRAIN_MS: '0' });
    const { url } = await gateway.listening();
    const answer = fetch(url + PATH).catch((error: unknown) => error);
    await product.arrived(1);
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toBe(0);
    await answer;
    await product.hungUp(1);
  }, 30_000);
});
