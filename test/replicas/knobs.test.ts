import { describe, expect } from '@jest/globals';
import { overridesInMemory } from '../../src/policy/overrides.js';
import { OpsPort } from '../ops/operator.js';
import { redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { type Replica, replica, replicas } from './replicas.js';

const FRESH = 'products.library.operations.getBook.cache.fresh';

const revisionOf = (gateway: Replica): string => gateway.running.gateway.policy.snapshot.revision;
const knob = async (gateway: Replica): Promise<unknown> => (await new OpsPort(gateway.opsUrl).policy(FRESH)).knobs[0];
const turned = (value: string) => ({ changes: { [FRESH]: value }, reason: 'more of them' });

describe('what an operator turns at one of two gateways', () => {
  redisTests({
    'is in force at the other, who says by whom and why': async (server) => {
      await using subject = await replicas(server);
      const { one, two, books, pass } = subject;
      const before = revisionOf(two);
      const told = await new OpsPort(one.opsUrl).turn(turned('1h'), undefined, { 'x-interline-operator': 'ada' });
      expect(told.status).toBe(200);
      await until(() => revisionOf(two) !== before);
      expect(revisionOf(two)).toBe(revisionOf(one));
      expect(await knob(two)).toMatchObject({ value: '1h', origin: 'override', override: { who: 'ada', reason: 'more of them' } });
      await two.title('b-1');
      await pass(60_000);
      await two.title('b-1'); // a hit: an hour has come of ten seconds
      expect(books.count('getBook')).toBe(1);
    },

    'acts on what the other has kept before': async (server) => {
      await using subject = await replicas(server);
      const { one, two, books, pass } = subject;
      await two.title('b-1');
      await pass(5_000);
      await new OpsPort(one.opsUrl).turn(turned('1s'));
      await until(() => revisionOf(two) === revisionOf(one));
      await two.title('b-1');
      expect(books.count('getBook')).toBe(2);
    },

    'is undone at the other': async (server) => {
      await using subject = await replicas(server);
      const { one, two } = subject;
      await new OpsPort(one.opsUrl).turn(turned('1h'));
      await until(() => revisionOf(two) === revisionOf(one));
      expect(await new OpsPort(two.opsUrl).post('/ops/undo', { revision: 1 })).toMatchObject({ status: 200 });
      await until(() => revisionOf(two) === revisionOf(one));
      for (const gateway of [one, two]) expect(await knob(gateway)).toMatchObject({ value: '10s', origin: 'git' });
      const { body } = await new OpsPort(one.opsUrl).ask('/ops/history');
      expect(body).toMatchObject({ history: [{ revision: 2, undoes: 1 }, { revision: 1 }] });
    },

    'is found by one that starts later, and by one that starts again': async (server) => {
      await using subject = await replicas(server);
      const { one, books, clock } = subject;
      const overrides = overridesInMemory();
      const three = await replica(server, books, { clock, overrides });
      await three[Symbol.asyncDispose]();
      await new OpsPort(one.opsUrl).turn(turned('1h'));
      await using again = await replica(server, books, { clock, overrides });
      await using new_ = await replica(server, books, { clock });
      for (const gateway of [again, new_]) expect(await knob(gateway)).toMatchObject({ value: '1h', origin: 'override' });
      expect(await overrides.load()).toMatchObject({ revision: 1 }); // its own copy, for when Redis is gone
    },

    'cuts a product off at both, and brings it back': async (server) => {
      await using subject = await replicas(server);
      const { one, two, both, books } = subject;
      const isolate = (gateway: Replica, isolated: boolean): Promise<unknown> =>
        new OpsPort(gateway.opsUrl).post('/ops/isolate', { product: 'library', isolated, reason: 'it burns' });
      expect(await isolate(one, true)).toMatchObject({ status: 200 });
      await until(() => revisionOf(two) === revisionOf(one));
      for (const gateway of both) expect(await gateway.title('b-1')).toBe(503);
      expect(books.calls).toEqual([]);
      expect(await isolate(two, false)).toMatchObject({ status: 200 });
      await until(() => revisionOf(two) === revisionOf(one));
      for (const gateway of both) expect(await gateway.title('b-1')).toBe('Title of b-1');
    },

    'is refused where somebody was faster at the other: one of two wins': async (server) => {
      await using subject = await replicas(server);
      const { one, two } = subject;
      const seen = `"${revisionOf(one)}"`;
      const told = await Promise.all([new OpsPort(one.opsUrl).turn(turned('1m'), seen), new OpsPort(two.opsUrl).turn(turned('1h'), seen)]);
      expect(told.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
      await until(() => revisionOf(two) === revisionOf(one));
      const value = told[0]?.status === 200 ? '1m' : '1h';
      for (const gateway of [one, two]) expect(await knob(gateway)).toMatchObject({ value });
    },

    'while Redis is gone holds there, and everywhere once it is back': async (server) => {
      await using subject = await replicas(server);
      const { one, two, both, clock } = subject;
      await server.kill();
      await until(() => both.every(({ shared }) => !shared.redis.up()));
      expect(await new OpsPort(one.opsUrl).turn(turned('1h'))).toMatchObject({ status: 200 });
      expect(await knob(one)).toMatchObject({ value: '1h' });
      expect(await knob(two)).toMatchObject({ value: '10s' });
      await server.restart();
      clock.advance(1_000);
      await until(() => revisionOf(two) === revisionOf(one));
      expect(await knob(two)).toMatchObject({ value: '1h', origin: 'override' });
    },

    'while Redis does not answer holds there, and everywhere once it does': async (server) => {
      await using subject = await replicas(server);
      const { one, two, both, clock } = subject;
      server.freeze();
      const turning = new OpsPort(one.opsUrl).turn(turned('1h'));
      await until(() => one.shared.redis.state().pending > 0);
      clock.advance(50);
      expect(await turning).toMatchObject({ status: 200 });
      expect(await knob(one)).toMatchObject({ value: '1h' });
      expect(await knob(two)).toMatchObject({ value: '10s' });
      server.thaw();
      await until(() => both.every(({ shared }) => shared.redis.up()));
      await until(() => revisionOf(two) === revisionOf(one));
      expect(await knob(two)).toMatchObject({ value: '1h', origin: 'override' });
    },
  });
});
