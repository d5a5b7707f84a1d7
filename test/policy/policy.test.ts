import { describe, expect, it } from '@jest/globals';
import { parse } from '../../src/policy/load.js';
import { NONE, type Overrides, type OverridesStore, REMEMBERED, overridesInMemory } from '../../src/policy/overrides.js';
import { handClock } from '../hand-clock.js';
import { done, knobOf, policyOver, turn, yaml } from './landscape.js';

const FRESH = 'products.auth.operations.getUser.cache.fresh';
const DEADLINE = 'products.auth.operations.getUser.deadline';

const freshMs = ({ snapshot }: { snapshot: ReturnType<typeof policyOver>['snapshot'] }): number => snapshot.operation(0).cache.freshMs;

describe('a knob', () => {
  it('has the value of the nearest place where one is written, and says which', async () => {
    using policy = policyOver({ text: yaml('', 'deadline: 600ms') });
    expect(knobOf(policy, 'products.auth.retry.attempts')).toMatchObject({ written: 0, origin: 'default', inherited: undefined });
    expect(knobOf(policy, FRESH)).toMatchObject({ written: '1s', read: 1000, origin: 'git', inherited: 'defaults.product.cache.fresh' });
    expect(knobOf(policy, DEADLINE)).toMatchObject({ written: '600ms', origin: 'git', inherited: 'products.auth.deadline' });
    await done(turn(policy, { 'products.auth.cache.fresh': '5s' }));
    expect(knobOf(policy, FRESH)).toMatchObject({
      read: 5000,
      origin: 'override',
      inherited: 'products.auth.cache.fresh',
      override: undefined,
    });
    await done(turn(policy, { [FRESH]: '7s' }));
    expect(knobOf(policy, FRESH)).toMatchObject({ read: 7000, origin: 'override', inherited: undefined, git: undefined });
    expect(policy.snapshot.operation(1).cache.freshMs).toBe(5000);
    expect(policy.snapshot.operation(2).cache.freshMs).toBe(1000);
  });

  it('says who turned it, why, when and until when', async () => {
    const clock = handClock();
    using policy = policyOver({ clock });
    await done(turn(policy, { [FRESH]: '5s' }, 60_000));
    expect(knobOf(policy, FRESH).override).toEqual({
      value: '5s',
      who: 'ada',
      reason: 'a test',
      at: '2026-11-20T12:00:00.000Z',
      expires: '2026-11-20T12:01:00.000Z',
    });
  });

  it('is turned back to what git says by null', async () => {
    using policy = policyOver();
    await done(turn(policy, { [FRESH]: '5s' }));
    await done(turn(policy, { [FRESH]: null }));
    expect(knobOf(policy, FRESH)).toMatchObject({ read: 1000, origin: 'git', override: undefined });
  });
});

describe('a change', () => {
  it.each([
    ['an unknown path', { 'products.auth.operations.getUsr.deadline': '1s' }, 'unknown', `no such knob (did you mean "${DEADLINE}"?)`],
    ['a path that JavaScript knows', { constructor: '1s' }, 'unknown', 'no such knob'],
    ['an override that is not there, of no knob', { 'products.auth.colour': null }, 'unknown', expect.stringMatching(/^no such knob/)],
    ['a value that is not one', { [FRESH]: 'soon' }, 'value', 'expected a duration like "800ms" or "2s", or "off", got "soon"'],
    ['a value of another kind', { 'products.auth.retry.attempts': '2' }, 'value', 'expected a number, got "2"'],
    ['more than its bound', { [FRESH]: '2h' }, 'bounds', 'expected 1h or less (bounds.cache.fresh in gateway.yaml), got "2h"'],
    ['less than its bound', { [DEADLINE]: '9ms' }, 'bounds', 'expected 10ms or more (bounds.deadline in gateway.yaml), got "9ms"'],
  ])('is refused for %s, and says what to do', async (_, changes, refused, message) => {
    using policy = policyOver();
    const { revision } = policy.snapshot;
    const [path] = Object.keys(changes);
    expect(await turn(policy, changes)).toEqual({
      refused,
      problems: [{ path, message }],
    });
    expect(policy.snapshot.revision).toBe(revision);
  });

  it('that leaves a part no time is refused, and names the part', async () => {
    using policy = policyOver();
    expect(await turn(policy, { [DEADLINE]: '3s' })).toEqual({
      refused: 'misfit',
      problems: [{ path: 'routes.GET /v1/me.deadline', message: expect.stringContaining('that auth getUser may take') }],
    });
    await done(turn(policy, { [DEADLINE]: '3s', 'routes.GET /v1/me.deadline': '4s' }));
    expect(policy.snapshot.route('GET /v1/me').deadlineMs).toBe(4000);
  });

  it('is made as a whole or not at all, with every fault named', async () => {
    using policy = policyOver();
    expect(await turn(policy, { [FRESH]: '5s', 'products.auth.cache.fresh': '2h', 'products.shop.cache.fresh': 'x' })).toMatchObject({
      problems: [{ path: 'products.auth.cache.fresh' }, { path: 'products.shop.cache.fresh' }],
    });
    expect(freshMs(policy)).toBe(1000);
  });

  it('of two for one revision, at once, is made once: the other is told of the race', async () => {
    using policy = policyOver();
    const { revision } = policy.snapshot;
    const [first, second] = await Promise.all([turn(policy, { [FRESH]: '5s' }), turn(policy, { [FRESH]: '6s' })]);
    expect(first).toMatchObject({ revision: 1 });
    expect(second).toEqual({
      refused: 'race',
      problems: [{ path: 'If-Match', message: `expected the revision in force, "${policy.snapshot.revision}"` }],
    });
    expect(policy.snapshot.revision).not.toBe(revision);
    expect(freshMs(policy)).toBe(5000);
  });

  it('that names no revision stands on whatever is in force, however many come at once', async () => {
    using policy = policyOver();
    const asked = (path: string) => policy.change({ changes: { [path]: '5s' }, who: 'ada', reason: 'a test' });
    await Promise.all([
      done(asked(FRESH)),
      done(asked('products.shop.cache.fresh')),
      done(policy.isolate('shop', true, 'ada', 'it burns')),
    ]);
    expect(policy.snapshot.operations.map(({ cache, product }) => [cache.freshMs, product.isolated])).toEqual([
      [5000, false],
      [1000, false],
      [5000, true],
    ]);
    expect(policy.history.map(({ revision }) => revision)).toEqual([3, 2, 1]);
  });

  it('tells its listeners once it is in force', async () => {
    using policy = policyOver();
    const told: string[] = [];
    policy.onChange(({ revision }) => told.push(revision));
    await done(turn(policy, { [FRESH]: '5s' }));
    await turn(policy, { [FRESH]: 'soon' });
    expect(told).toEqual([policy.snapshot.revision]);
  });

  it('leaves a snapshot that somebody holds as it was', async () => {
    using policy = policyOver();
    const { snapshot } = policy;
    await done(turn(policy, { [FRESH]: '5s' }));
    expect(snapshot.operation(0).cache.freshMs).toBe(1000);
  });
});

describe('an override with an end', () => {
  it('takes itself back then, and the policy has another revision', async () => {
    const clock = handClock();
    using policy = policyOver({ clock });
    await done(turn(policy, { [FRESH]: '5s' }, 60_000));
    const { revision } = policy.snapshot;
    clock.advance(59_999);
    expect([freshMs(policy), policy.snapshot.revision]).toEqual([5000, revision]);
    clock.advance(1);
    expect(freshMs(policy)).toBe(1000);
    expect(policy.snapshot.revision).not.toBe(revision);
    expect(knobOf(policy, FRESH)).toMatchObject({ origin: 'git', override: undefined });
    expect(clock.pending).toBe(0);
  });

  it('ends in its order among others', async () => {
    const clock = handClock();
    using policy = policyOver({ clock });
    await done(turn(policy, { [FRESH]: '5s' }, 2000));
    await done(turn(policy, { 'products.auth.cache.fresh': '6s' }, 1000));
    await done(turn(policy, { 'products.shop.cache.fresh': '7s' }));
    const all = (): number[] => policy.snapshot.operations.map(({ cache }) => cache.freshMs);
    expect(all()).toEqual([5000, 6000, 7000]);
    clock.advance(1000);
    expect(all()).toEqual([5000, 1000, 7000]);
    clock.advance(1000);
    expect(all()).toEqual([1000, 1000, 7000]);
  });

  it('that ended while nobody ran is not taken up', async () => {
    const clock = handClock();
    const store = overridesInMemory();
    {
      using policy = policyOver({ clock, store });
      await done(turn(policy, { [FRESH]: '5s' }, 60_000));
    }
    clock.advance(60_000);
    using policy = policyOver({ clock, store });
    await policy.restore();
    expect(freshMs(policy)).toBe(1000);
  });
});

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

describe('a reload', () => {
  it('takes up what git says, under what operators have turned', async () => {
    using policy = policyOver();
    await done(turn(policy, { [FRESH]: '5s' }));
    expect(policy.reload(parse(yaml().replace('fresh: 1s', 'fresh: 3s'), 'gateway.yaml'))).toBe(true);
    expect(policy.snapshot.operations.map(({ cache }) => cache.freshMs)).toEqual([5000, 3000, 3000]);
  });

  it('of the same configuration changes nothing, not even the revision', () => {
    using policy = policyOver();
    const { snapshot } = policy;
    expect(policy.reload(parse(`# a comment\n${yaml().replace('500ms', '0.5s')}`, 'gateway.yaml'))).toBe(false);
    expect(policy.snapshot).toBe(snapshot);
  });

  it.each([
    ['a product that has no contract', yaml('  extra: { urls: ["http://127.0.0.1:3"] }'), /no contract names this product/],
    ['no address for a product that has one', yaml().replace(/ {2}shop: .*\n/, ''), /expected the product "shop", which has a contract/],
    ['a bound that is none', yaml().replace('max: 1h', 'max: soon'), /^gateway\.yaml:5:23 bounds\.cache\.fresh\.max: expected a duration/],
    [
      'bounds that leave nothing',
      yaml().replace('min: 10ms', 'min: 11s'),
      /^gateway\.yaml:6:\d+ bounds\.deadline: expected min to be no more than max/,
    ],
  ])('with %s is refused, and the last good one stays', (_, text, line) => {
    using policy = policyOver();
    const { snapshot } = policy;
    expect(() => policy.reload(parse(text, 'gateway.yaml'))).toThrow(line);
    expect(policy.snapshot).toBe(snapshot);
  });
});
