import { describe, expect, it } from '@jest/globals';
import { parse } from '../../src/policy/load.js';
import { NONE, type Overrides, type OverridesStore, REMEMBERED, overridesInMemory } from '../../src/policy/overrides.js';
import { handClock } from '../hand-clock.js';
import { done, knobOf, policyOver, turn, yaml } from './landscape.js';

const FRESH = 'products.auth.operations.getUser.cache.fresh';
const DEADLINE = 'products.auth.operations.getUser.deadline';

const freshMs = ({ snapshot }: { snapshot: ReturnType<typeof policyOver>['snapshot'] }): number => snapshot.operation(0).cache.freshMs;

describe('undo', () => {
  it('takes a change back to what was before, an earlier override with its end included', async () => {
    const clock = handClock();
    using policy = policyOver({ clock });
    await done(turn(policy, { [FRESH]: '5s' }, 60_000));
    const { revision } = await done(turn(policy, { [FRESH]: '7s', 'products.shop.cache.fresh': '8s' }));
    const step = await done(policy.undo(revision, 'grace'));
    expect(step).toMatchObject({ revision: 3, who: 'grace', reason: 'undo of 2: a test', undoes: 2 });
    expect(step.changes).toMatchObject([
      { path: FRESH, from: '7s', to: '5s' },
      { path: 'products.shop.cache.fresh', from: '8s', to: null },
    ]);
    expect(policy.snapshot.operations.map(({ cache }) => cache.freshMs)).toEqual([5000, 1000, 1000]);
    clock.advance(60_000);
    expect(freshMs(policy)).toBe(1000);
  });

  it('does not bring back an override that would have ended by now', async () => {
    const clock = handClock();
    using policy = policyOver({ clock });
    await done(turn(policy, { [FRESH]: '5s' }, 60_000));
    const { revision } = await done(turn(policy, { [FRESH]: '7s' }));
    clock.advance(60_000);
    await done(policy.undo(revision, 'ada'));
    expect(freshMs(policy)).toBe(1000);
  });

  it('takes back a taking back, an isolation and an undo', async () => {
    using policy = policyOver();
    await done(turn(policy, { [FRESH]: '5s' }));
    await done(turn(policy, { [FRESH]: null }));
    await done(policy.undo(2, 'ada'));
    expect(freshMs(policy)).toBe(5000);
    await done(policy.undo(3, 'ada'));
    expect(freshMs(policy)).toBe(1000);
    await done(policy.isolate('auth', true, 'ada', 'it burns'));
    await done(policy.undo(5, 'ada'));
    expect(policy.isolated).toEqual({});
    await done(policy.undo(6, 'ada'));
    expect(policy.snapshot.operation(0).product.isolated).toBe(true);
  });

  it('is refused where something of the step was turned again, and says how it is now', async () => {
    using policy = policyOver();
    await done(turn(policy, { [FRESH]: '5s' }));
    await done(turn(policy, { [FRESH]: '6s' }));
    await done(policy.isolate('auth', true, 'ada', 'it burns'));
    await done(policy.isolate('auth', false, 'ada', 'it is well'));
    expect(await policy.undo(1, 'ada')).toEqual({
      refused: 'moved',
      problems: [{ path: FRESH, message: 'expected what revision 1 made of it, it is "6s" by now: undo what came after first' }],
    });
    expect(await policy.undo(3, 'ada')).toMatchObject({ refused: 'moved', problems: [{ path: 'products.auth' }] });
    await done(policy.undo(2, 'ada'));
    await done(policy.undo(1, 'ada'));
    expect(freshMs(policy)).toBe(1000);
  });

  it('is refused for a step that never was', async () => {
    using policy = policyOver();
    expect(await policy.undo(7, 'ada')).toMatchObject({ refused: 'missing', problems: [{ path: 'revision' }] });
  });

  it('is refused where what was before has left its bounds', async () => {
    using policy = policyOver();
    await done(turn(policy, { [FRESH]: '50m' }));
    await done(turn(policy, { [FRESH]: '5s' }));
    policy.reload(parse(yaml().replace('max: 1h', 'max: 1m'), 'gateway.yaml'));
    expect(await policy.undo(2, 'ada')).toMatchObject({ refused: 'bounds', problems: [{ path: FRESH }] });
  });
});

describe('isolating', () => {
  it('cuts every operation of a product off, and no other', async () => {
    using policy = policyOver();
    await done(policy.isolate('auth', true, 'ada', 'it burns'));
    expect(policy.snapshot.operations.map(({ product }) => product.isolated)).toEqual([true, true, false]);
    expect(policy.isolated).toEqual({ auth: { who: 'ada', reason: 'it burns', at: '2026-11-20T12:00:00.000Z' } });
    await done(policy.isolate('auth', false, 'ada', 'it is well'));
    expect(policy.isolated).toEqual({});
  });

  it('a product that nobody knows is refused with the nearest name', async () => {
    using policy = policyOver();
    expect(await policy.isolate('shp', true, 'ada', 'it burns')).toEqual({
      refused: 'unknown',
      problems: [{ path: 'product', message: 'no such product (did you mean "shop"?)' }],
    });
  });
});

describe('history', () => {
  it('is the latest first, and forgets what is too long ago', async () => {
    using policy = policyOver();
    for (let i = 1; i <= REMEMBERED + 2; i++) await done(turn(policy, { [FRESH]: `${i}ms` }));
    expect(policy.history).toHaveLength(REMEMBERED);
    expect(policy.history[0]).toMatchObject({
      revision: REMEMBERED + 2,
      changes: [{ from: `${REMEMBERED + 1}ms`, to: `${REMEMBERED + 2}ms` }],
    });
    expect(policy.history.at(-1)).toMatchObject({ revision: 3 });
    expect(await policy.undo(2, 'ada')).toMatchObject({ refused: 'missing' });
  });
});

describe('what is stored', () => {
  it('is in force again after a restart: overrides, isolations, history, revision', async () => {
    const store = overridesInMemory();
    using before = policyOver({ store });
    await done(turn(before, { [FRESH]: '5s' }));
    await done(before.isolate('shop', true, 'ada', 'it burns'));
    using after = policyOver({ store });
    expect(freshMs(after)).toBe(1000);
    await after.restore();
    expect(after.snapshot).toEqual(before.snapshot);
    expect(after.history).toEqual(before.history);
    expect(after.isolated).toEqual(before.isolated);
  });

  it('and has left its bounds is not in force, and not lost', async () => {
    using policy = policyOver();
    await done(turn(policy, { [FRESH]: '50m' }));
    policy.reload(parse(yaml().replace('max: 1h', 'max: 1m'), 'gateway.yaml'));
    expect(knobOf(policy, FRESH)).toMatchObject({ read: 1000, origin: 'git', override: { value: '50m' } });
    expect([...policy.problems()]).toEqual([
      { path: FRESH, message: 'not in force: expected 1m or less (bounds.cache.fresh in gateway.yaml), got "50m"' },
    ]);
    await done(turn(policy, { 'products.shop.cache.fresh': '2s' }));
    policy.reload(parse(yaml(), 'gateway.yaml'));
    expect(knobOf(policy, FRESH)).toMatchObject({ read: 3_000_000, origin: 'override' });
    expect([...policy.problems()]).toEqual([]);
  });

  it('and names nothing any more is not in force, and can be taken away', async () => {
    const lost = 'products.auth.operations.getUsers.cache.fresh';
    const stored: Overrides = {
      ...NONE,
      revision: 4,
      knobs: { [lost]: { value: '5s', who: 'ada', reason: 'long ago', at: '2026-11-20T12:00:00.000Z' } },
    };
    const store = overridesInMemory();
    await store.save(stored);
    using policy = policyOver({ store });
    await policy.restore();
    expect([...policy.problems()]).toEqual([{ path: lost, message: `not in force: no such knob (did you mean "${FRESH}"?)` }]);
    await done(turn(policy, { 'products.shop.cache.fresh': '2s' }));
    expect((await store.load()).knobs).toHaveProperty([lost]);
    await done(turn(policy, { [lost]: null }));
    expect([...policy.problems()]).toEqual([]);
    expect((await store.load()).knobs).not.toHaveProperty([lost]);
  });

  it('keeps nothing from being turned that mends it', async () => {
    const clock = handClock();
    using policy = policyOver({ clock });
    await done(turn(policy, { 'routes.GET /v1/me.deadline': '5s' }, 60_000));
    await done(turn(policy, { [DEADLINE]: '3s' }));
    clock.advance(60_000);
    expect([...policy.problems()]).toMatchObject([{ path: 'routes.GET /v1/me.deadline' }]);
    await done(turn(policy, { [FRESH]: '5s' }));
    await done(turn(policy, { [DEADLINE]: null }));
    expect([...policy.problems()]).toEqual([]);
  });
});

describe('a store', () => {
  /** A store that other instances write too, and that can fail. */
  function shared(): OverridesStore & { stored: Overrides; failing: boolean } {
    return {
      stored: NONE,
      failing: false,
      load() {
        return this.failing ? Promise.reject(new Error('no disk')) : Promise.resolve(this.stored);
      },
      save(next) {
        if (this.failing) return Promise.reject(new Error('no disk'));
        if (next.revision !== this.stored.revision + 1) return Promise.resolve(false);
        this.stored = next;
        return Promise.resolve(true);
      },
    };
  }

  it('that another instance wrote to first makes a change for a revision a race, and shows what is in force now', async () => {
    const store = shared();
    using one = policyOver({ store });
    using two = policyOver({ store });
    await done(turn(one, { [FRESH]: '5s' }));
    expect(await turn(two, { [FRESH]: '6s' })).toMatchObject({
      refused: 'race',
      problems: [{ message: expect.stringContaining(one.snapshot.revision) }],
    });
    expect(two.snapshot.revision).toBe(one.snapshot.revision);
    expect(freshMs(two)).toBe(5000);
  });

  it('that another instance wrote to first does not keep a product from being isolated', async () => {
    const store = shared();
    using one = policyOver({ store });
    using two = policyOver({ store });
    await done(turn(one, { [FRESH]: '5s' }));
    expect(await two.isolate('auth', true, 'ada', 'it burns')).toMatchObject({ revision: 2 });
    expect(two.snapshot.operation(0)).toMatchObject({ cache: { freshMs: 5000 }, product: { isolated: true } });
    await one.restore();
    expect(one.snapshot).toEqual(two.snapshot);
  });

  it('that takes nothing and has nothing newer is given up', async () => {
    using policy = policyOver({ store: { load: () => Promise.resolve(NONE), save: () => Promise.resolve(false) } });
    expect(await turn(policy, { [FRESH]: '5s' })).toMatchObject({ refused: 'store' });
  });

  it('that fails refuses the change, which is not in force then', async () => {
    const store = shared();
    using policy = policyOver({ store });
    store.failing = true;
    expect(await turn(policy, { [FRESH]: '5s' })).toMatchObject({
      refused: 'store',
      problems: [{ message: 'the change could not be stored, so it is not in force' }],
      cause: new Error('no disk'),
    });
    expect(freshMs(policy)).toBe(1000);
    store.failing = false;
    await done(turn(policy, { [FRESH]: '5s' }));
  });
});
