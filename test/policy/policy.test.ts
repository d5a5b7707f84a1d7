import { describe, expect, it } from '@jest/globals';
import { parse } from '../../src/policy/load.js';
import { overridesInMemory } from '../../src/policy/overrides.js';
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
