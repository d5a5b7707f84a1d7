import { HttpService } from '@nestjs/axios';
import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../src/upstream/answer.js';
import { fakeProduct } from '../../fake-product.js';
import { testGateway } from '../../gateway.js';
import { ITEM, Rig, kindOf, shop } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';

describe('an interceptor on the running gateway’s HttpService', () => {
  it('sees the request and the reply, adds a header and changes the answer', async () => {
    await using product = await fakeProduct(shop);
    product.answers('getItem', { id: 'i-1', price: 10 });
    await using gateway = await testGateway({ products: [product] });
    const { axiosRef } = gateway.running.app.get(HttpService);
    const seen: unknown[] = [];
    const request = axiosRef.interceptors.request.use((config) => {
      seen.push([config.method, config.url, config.headers.get('authorization')]);
      config.headers.set('x-added', 'by an interceptor');
      return config;
    });
    const reply = axiosRef.interceptors.response.use((answer) => {
      seen.push([answer.status, String(answer.headers['content-type']), JSON.parse(String(answer.data))]);
      return { ...answer, data: { id: 'i-1', price: 20 } };
    });

    expect(await gateway.get('/products/shop/v1/items/i-1')).toMatchObject({ status: 200, body: { id: 'i-1', price: 20 } });
    expect(seen).toEqual([
      ['get', '/items/i-1', 'Bearer key-of-shop'],
      [200, 'application/json', { id: 'i-1', price: 10 }],
    ]);
    expect(product.calls[0]?.headers['x-added']).toBe('by an interceptor');

    axiosRef.interceptors.request.eject(request);
    axiosRef.interceptors.response.eject(reply);
    expect(await gateway.get('/products/shop/v1/items/i-1')).toMatchObject({ status: 200, body: { id: 'i-1', price: 10 } });
    expect(product.calls[1]?.headers).not.toHaveProperty('x-added');
    expect(seen.length).toBe(2);
  });

  it('carries no other calls: those of an application go through an instance of its own', async () => {
    await using product = await fakeProduct(shop);
    await using gateway = await testGateway({ products: [product] });
    const { undiciAdapter } = await import('../../../src/upstream/axios-adapter.js');
    const { axiosRef } = gateway.running.app.get(HttpService);
    await expect(axiosRef.get(product.url, { adapter: undiciAdapter })).rejects.toThrow('inject HttpService elsewhere');
    expect(product.calls).toEqual([]);
  });
});

/** An outcome without what lay beneath it. */
const plainly = (outcome: Outcome): unknown => (outcome.ok ? outcome.value : { ...outcome.failure, cause: undefined });

describe('a call that passes through interceptors', () => {
  /** A rig with an interceptor that does nothing but be there. */
  const intercepted = (upstream: ScriptedUpstream, options?: ConstructorParameters<typeof Rig>[1]): Rig => {
    const rig = new Rig([upstream.url], options);
    rig.http.interceptors.request.use((config) => config);
    return rig;
  };

  it('sends the same request as a direct one', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using direct = new Rig([upstream.url]);
    await using through = intercepted(upstream);
    for (const rig of [direct, through]) {
      await rig.call(shop.getItem, { id: 'i-1', language: 'sv' });
      await rig.call(shop.order, { itemId: 'i-1' });
    }
    const sent = upstream.received.map(({ line, headers, body }) => ({ line, headers, body }));
    expect(sent.slice(2)).toEqual(sent.slice(0, 2));
  });

  it('comes to the same as a direct one, for each kind of trouble', async () => {
    const answers = [
      response(ITEM),
      response('{'),
      response('', '', '404 Not Found'),
      response('', '', '401 Unauthorized'),
      response('', 'retry-after: 3\r\n', '503 Service Unavailable'),
      response('', 'location: /elsewhere\r\n', '302 Found'),
      Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{'),
      Buffer.from('nonsense'),
      Buffer.from(''),
    ];
    for (const bytes of answers) {
      await using upstream = await ScriptedUpstream.listen((connection) => connection.write(bytes).end());
      await using direct = new Rig([upstream.url]);
      await using through = intercepted(upstream);
      const [straight, roundabout] = [await direct.item(), await through.item()];
      expect(plainly(roundabout)).toEqual(plainly(straight));
      expect(through.inFlight).toBe(0);
    }
  });

  it('ends at its deadline, and closes its connection', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = intercepted(upstream);
    const calling = rig.item();
    await upstream.request(1);
    rig.clock.advance(500);
    expect(kindOf(await calling)).toBe('timeout');
    await upstream.downTo(0);
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });

  it('ends at its deadline where an interceptor never ends, before the request or after it', async () => {
    for (const at of ['request', 'response'] as const) {
      await using upstream = await ScriptedUpstream.says(response(ITEM));
      await using rig = new Rig([upstream.url]);
      const reached = Promise.withResolvers<void>();
      const stuck = (): Promise<never> => {
        reached.resolve();
        return new Promise(() => undefined);
      };
      if (at === 'request') rig.http.interceptors.request.use(stuck);
      else rig.http.interceptors.response.use(stuck);
      const calling = rig.item();
      await reached.promise;
      rig.clock.advance(500);
      expect(kindOf(await calling)).toBe('timeout');
      expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
    }
  });

  it('fails as a mistake of ours where an interceptor throws', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url]);
    rig.http.interceptors.response.use(() => {
      throw new RangeError('a bug in an interceptor');
    });
    await expect(rig.item()).rejects.toThrow('a bug in an interceptor');
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });

  it('takes the direct way again once every interceptor is gone', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url]);
    let seen = 0;
    const id = rig.http.interceptors.request.use((config) => {
      seen++;
      return config;
    });
    await rig.item();
    rig.http.interceptors.request.eject(id);
    rig.http.request = () => Promise.reject(new Error('axios was asked'));
    expect(kindOf(await rig.item())).toBe('ok');
    expect(seen).toBe(1);
  });
});
