import { describe, expect, it } from '@jest/globals';
import { type Admission, Gcra } from '../../src/limits/gcra.js';
import type { Limiter } from '../../src/limits/limiter.js';
import { Connection, request } from './connection.js';
import { openLibrary } from './library.js';
import { until } from '../until.js';

const THREE = 'edge: { limit: { rate: 3/s, burst: 3 } }';

/** Counts for several gateways; says what it has decided when it is told to. */
class Together implements Limiter {
  readonly #gcra = new Gcra(100);
  readonly #waiting: (() => void)[] = [];
  asked = 0;

  constructor(readonly waits = false) {}

  admit(key: string, rate: { readonly perSecond: number; readonly burst: number }): Promise<Admission> {
    this.asked++;
    const admission = this.#gcra.admit(key, rate, 0);
    return new Promise((resolve) => {
      if (this.waits) this.#waiting.push(() => resolve(admission));
      else resolve(admission);
    });
  }

  tell(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }

  has(waiting: number): Promise<void> {
    return until(() => this.#waiting.length >= waiting);
  }
}

describe('the limit of an address that several workers have', () => {
  it('admits exactly that over all of them, and says when to come again', async () => {
    const addresses = new Together();
    await using one = await openLibrary({ yaml: THREE, addresses });
    await using two = await openLibrary({ yaml: THREE, addresses });
    const statuses = [];
    for (const subject of [one, two, one, two]) statuses.push((await subject.gateway.get('/v1/books/b-1')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await one.gateway.get('/v1/books/b-1');
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('ratelimit-policy')]).toEqual([
      429,
      '1',
      '"address";q=3;w=1',
    ]);
    expect(one.books.calls.length + two.books.calls.length).toBe(3);
  });

  it('asks the others of nothing that is too much for one alone', async () => {
    const addresses = new Together();
    await using subject = await openLibrary({ yaml: THREE, addresses });
    for (let i = 0; i < 20; i++) await subject.gateway.get('/v1/books/b-1');
    expect(addresses.asked).toBe(3);
  });

  it('asks nobody where there is no limit, and for health', async () => {
    const addresses = new Together();
    await using without = await openLibrary({ addresses });
    expect((await without.gateway.get('/v1/books/b-1')).status).toBe(200);
    await using subject = await openLibrary({ yaml: THREE, addresses });
    expect((await subject.gateway.get('/health/ready')).status).toBe(200);
    expect(addresses.asked).toBe(0);
  });

  it('counts requests that go round in a circle too, and refuses them when it is known that the address may ask', async () => {
    const addresses = new Together();
    await using subject = await openLibrary({ yaml: THREE, addresses });
    const circles = { headers: { 'cdn-loop': Array(9).fill('interline').join(', ') } };
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await subject.gateway.get('/v1/books/b-1', circles)).status);
    expect(statuses).toEqual([508, 508, 508, 429]);
  });

  it('is waited for: what is framed wrongly behind such a request is answered after it, and ends the connection', async () => {
    const addresses = new Together(true);
    await using subject = await openLibrary({ yaml: THREE, addresses });
    await using connection = new Connection(subject.gateway.url);
    connection.send(
      `${request('GET /v1/books/b-1')}GET /v1/books/b-2 HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n${request('GET /v1/books/b-3')}`,
    );
    await addresses.has(2);
    expect(subject.books.calls).toEqual([]);
    addresses.tell();
    expect([(await connection.next())?.status, (await connection.next())?.status, await connection.next()]).toEqual([200, 400, undefined]);
    expect(subject.books.calls).toHaveLength(1);
  });

  it('answers a request that is refused though the connection is being closed by then', async () => {
    const addresses = new Together(true);
    await using subject = await openLibrary({ yaml: THREE, addresses });
    for (let i = 0; i < 3; i++) void addresses.admit('127.0.0.1', { perSecond: 3, burst: 3 }); // another worker's
    await using connection = new Connection(subject.gateway.url);
    connection.send(`${request('GET /v1/books/b-1')}GET /v1/books/b-2 HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n`);
    await addresses.has(5);
    addresses.tell();
    expect([(await connection.next())?.status, (await connection.next())?.status]).toEqual([429, 400]);
  });
});
