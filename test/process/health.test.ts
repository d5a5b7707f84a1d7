import { describe, expect, it } from '@jest/globals';
import { openLibrary } from '../edge/library.js';

const ask = async (url: string): Promise<unknown> => {
  const response = await fetch(url);
  return [response.status, response.headers.get('cache-control'), await response.json()];
};

describe('health', () => {
  it('is told on both ports', async () => {
    await using subject = await openLibrary();
    for (const base of [subject.gateway.url, subject.gateway.opsUrl]) {
      expect(await ask(`${base}/health/live`)).toEqual([200, 'no-store', { status: 'live' }]);
      expect(await ask(`${base}/health/ready`)).toMatchObject([200, 'no-store', { status: 'ready' }]);
    }
  });

  it('says that it drains, while it lives on and answers, and closes each connection with its answer', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    const { running, clock } = gateway;
    const stopped = running.stop(1000, 1000);
    for (const base of [gateway.url, gateway.opsUrl]) {
      expect(await ask(`${base}/health/ready`)).toMatchObject([503, 'no-store', { status: 'draining' }]);
      expect(await ask(`${base}/health/live`)).toEqual([200, 'no-store', { status: 'live' }]);
    }
    const got = await gateway.get('/v1/books/b-1');
    expect(got).toMatchObject({ status: 200, body: { complete: true } });
    expect(got.headers.get('connection')).toBe('close');
    clock.advance(1000);
    await stopped;
    await expect(fetch(gateway.url)).rejects.toThrow('fetch failed');
    await expect(fetch(gateway.opsUrl)).rejects.toThrow('fetch failed');
  });

  it('is no business of the products: it calls none', async () => {
    await using subject = await openLibrary();
    subject.books.breaks();
    expect(await ask(`${subject.gateway.url}/health/ready`)).toEqual([200, 'no-store', { status: 'ready' }]);
    expect(subject.books.calls).toEqual([]);
  });
});

describe('the ops port', () => {
  it('has the metrics, in the format that Prometheus reads', async () => {
    await using subject = await openLibrary();
    const response = await fetch(`${subject.gateway.opsUrl}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toMatch(/^# TYPE interline_responses_total counter$/m);
  });

  it.each(['/metrics', '/metrics/', '//metrics', '/%6Detrics', '/ops', '/ops/metrics'])(
    'shares nothing of it with the public one: %s',
    async (path) => {
      await using subject = await openLibrary();
      const response = await fetch(subject.gateway.url + path);
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('interline_');
    },
  );

  it('serves no route of the public one', async () => {
    await using subject = await openLibrary();
    for (const path of ['/v1/books/b-1', '/products/library/v1/books', '/openapi.json'])
      expect((await fetch(subject.gateway.opsUrl + path)).status).toBe(404);
    expect(subject.books.calls).toEqual([]);
  });
});
