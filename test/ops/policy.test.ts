import { describe, expect, it } from '@jest/globals';
import { Turned } from '../../src/ops/schemas.js';
import { overridesInMemory } from '../../src/policy/overrides.js';
import { openLibrary } from '../edge/library.js';
import type { Wanted } from '../gateway.js';
import { OpsPort } from './operator.js';

const FRESH = 'products.library.operations.getBook.cache.fresh';
const DEADLINE = 'products.library.operations.getBook.deadline';
const BOUNDS = 'bounds: { cache.fresh: { max: 1h }, deadline: { min: 10ms, max: 10s } }';

/** The library's gateway, with somebody at its ops port. */
async function atOps(wanted: Partial<Wanted> = {}) {
  const library = await openLibrary({ yaml: BOUNDS, ...wanted });
  return { ...library, ops: new OpsPort(library.gateway.opsUrl) };
}

/** What a problem says, without its type and title. */
const problem = (status: number, code: string, detail: unknown, errors?: unknown): object => ({
  status,
  headers: { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' },
  body: { type: `urn:interline:problem:${code}`, status, code, detail, ...(errors === undefined ? {} : { errors }) },
});

describe('GET /ops/policy', () => {
  it('gives every knob with its value, where it comes from, and how far it may be turned', async () => {
    await using subject = await atOps();
    const told = await subject.ops.ask('/ops/policy');
    const { revision, knobs, problems } = await subject.ops.policy();
    expect(told).toMatchObject({ status: 200, headers: { etag: `"${revision}"`, 'cache-control': 'no-store' } });
    expect(problems).toEqual([]);
    expect(knobs.map(({ path }) => path)).toEqual([...subject.gateway.running.gateway.policy.resolved.addresses.keys()]);
    expect(knobs.find(({ path }) => path === DEADLINE)).toEqual({
      path: DEADLINE,
      value: '500 ms',
      read: 500,
      unit: 'milliseconds',
      origin: 'git',
      inherited: 'defaults.product.deadline',
      default: '1s',
      git: null,
      override: null,
      bounds: { min: '10ms', max: '10s' },
      meaning: 'The total time: of one attempt at a call, of one answer of a route.',
    });
    expect(knobs.find(({ path }) => path === 'products.library.limit.rate')).toMatchObject({
      value: 'off',
      read: null,
      origin: 'default',
      inherited: null,
      bounds: { min: null, max: null },
    });
  });

  it('gives what a path names, or what stands under it, in whole names', async () => {
    await using subject = await atOps();
    const paths = async (path: string): Promise<readonly string[]> => (await subject.ops.policy(path)).knobs.map((knob) => knob.path);
    expect(await paths(FRESH)).toEqual([FRESH]);
    expect(await paths('products.library.operations.getBook.cache')).toEqual(
      ['fresh', 'stale', 'staleIfError', 'absent'].map((name) => `products.library.operations.getBook.cache.${name}`),
    );
    expect(await paths('routes.GET /v1/catalog.cache.fresh')).toHaveLength(1);
    expect(await paths('products.lib')).toEqual([]);
  });

  it.each([
    ['?paht=x', '', 'unknown key "paht" (did you mean "path"?)'],
    ['?path=x&path=y', 'path', 'expected one path'],
    [`?path=${'x'.repeat(201)}`, 'path', 'expected 200 characters or less'],
  ])('refuses %s', async (query, path, message) => {
    await using subject = await atOps();
    expect(await subject.ops.ask(`/ops/policy${query}`)).toMatchObject(
      problem(422, 'invalid', 'the request is not well formed', [{ path, message }]),
    );
  });
});

describe('PATCH /ops/policy', () => {
  it('turns knobs, and says by whom, why, when and until when', async () => {
    await using subject = await atOps();
    const before = await subject.ops.policy();
    const told = await subject.ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a busy evening', expires: '2h' }, undefined, {
      'x-interline-operator': 'ada',
    });
    const { revision, step } = Turned.parse(told.body);
    expect(told).toMatchObject({ status: 200, headers: { etag: `"${revision}"` } });
    expect(revision).not.toBe(before.revision);
    const by = { who: 'ada', reason: 'a busy evening', at: '2026-11-20T12:00:00.000Z', expires: '2026-11-20T14:00:00.000Z' };
    expect(step).toEqual({ revision: 1, ...by, changes: [{ path: FRESH, from: null, to: '5s' }], isolated: [] });
    const after = await subject.ops.policy(FRESH);
    expect(after).toMatchObject({ revision, knobs: [{ value: '5s', read: 5000, origin: 'override', override: { value: '5s', ...by } }] });
    expect(subject.gateway.log.at(-1)).toMatchObject({
      msg: 'an operator turned the policy',
      step: { who: 'ada', reason: 'a busy evening' },
    });
  });

  it('takes itself back when its time is over', async () => {
    await using subject = await atOps();
    await subject.ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a test', expires: '1m' });
    const { revision } = await subject.ops.policy();
    subject.gateway.clock.advance(60_000);
    const after = await subject.ops.policy(FRESH);
    expect(after.knobs).toMatchObject([{ value: 'off', origin: 'default', override: null }]);
    expect(after.revision).not.toBe(revision);
  });

  it('acts at once: a call that begins after it has the new deadline, one that began before has the old', async () => {
    await using subject = await atOps();
    const { books, gateway, ops } = subject;
    books.hangs('getBook');
    const slow = gateway.get('/v1/books/b-1');
    await books.arrived(1);
    expect(await ops.turn({ changes: { [DEADLINE]: '100ms' }, reason: 'a test' })).toMatchObject({ status: 200 });
    const quick = gateway.get('/v1/books/b-2');
    await books.arrived(2);
    gateway.clock.advance(100);
    const first = await quick;
    await books.hungUp(1);
    const calls = books.calls.map(({ hungUp }) => hungUp);
    gateway.clock.advance(400);
    const second = await slow;
    expect([first.status, second.status]).toEqual([504, 504]);
    expect(calls).toEqual([false, true]);
  });

  it('names who asks by the header, else by the body, else as unknown', async () => {
    await using subject = await atOps();
    const whoOf = async (body: object, headers?: Record<string, string>): Promise<unknown> => {
      const told = await subject.ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a test', ...body }, undefined, headers);
      return Turned.parse(told.body).step.who;
    };
    expect(await whoOf({})).toBe('unknown');
    expect(await whoOf({ who: 'grace' })).toBe('grace');
    expect(await whoOf({ who: 'grace' }, { 'x-interline-operator': 'ada' })).toBe('ada');
    const told = await subject.ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a test' }, undefined, {
      'x-interline-operator': 'x'.repeat(101),
    });
    expect(told).toMatchObject(
      problem(422, 'invalid', expect.any(String), [{ path: 'x-interline-operator', message: 'expected 100 characters or less' }]),
    );
  });

  it('without If-Match is refused, and named the revision in force', async () => {
    await using subject = await atOps();
    const { revision } = await subject.ops.policy();
    const told = await subject.ops.ask('/ops/policy', { method: 'PATCH', body: { changes: { [FRESH]: '5s' }, reason: 'a test' } });
    expect(told).toMatchObject(
      problem(428, 'ifMatch', `expected If-Match with the revision that you have seen; in force is "${revision}"`),
    );
    expect((await subject.ops.policy()).revision).toBe(revision);
  });

  it('for two at once is done once, and the other is told of the race', async () => {
    await using subject = await atOps();
    const { revision } = await subject.ops.policy();
    const told = await Promise.all(
      ['5s', '6s'].map((value) => subject.ops.turn({ changes: { [FRESH]: value }, reason: 'a test' }, `"${revision}"`)),
    );
    const now = (await subject.ops.policy()).revision;
    expect(told.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    expect(told.find(({ status }) => status === 412)).toMatchObject(
      problem(412, 'race', `If-Match: expected the revision in force, "${now}"`, [
        { path: 'If-Match', message: `expected the revision in force, "${now}"` },
      ]),
    );
  });

  it.each([
    ['a list that has it', (revision: string) => `"other", "${revision}"`, 200],
    ['any', () => '*', 200],
    ['a weak one', (revision: string) => `W/"${revision}"`, 412],
    ['one without quotes', (revision: string) => revision, 412],
    ['nothing', () => '""', 412],
  ])('compares If-Match strongly: %s', async (_, ifMatch, status) => {
    await using subject = await atOps();
    const { revision } = await subject.ops.policy();
    expect(await subject.ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a test' }, ifMatch(revision))).toMatchObject({ status });
  });

  it.each([
    ['an unknown path', { 'products.library.operations.getBok.deadline': '1s' }, 'unknown', `no such knob (did you mean "${DEADLINE}"?)`],
    ['a value that is none', { [FRESH]: 'soon' }, 'value', 'expected a duration like "800ms" or "2s", or "off", got "soon"'],
    ['more than its bound', { [FRESH]: '2h' }, 'bounds', 'expected 1h or less (bounds.cache.fresh in gateway.yaml), got "2h"'],
    ['less than its bound', { [DEADLINE]: '1ms' }, 'bounds', 'expected 10ms or more (bounds.deadline in gateway.yaml), got "1ms"'],
  ])('refuses %s, and names the nearest path or the bound', async (_, changes, code, message) => {
    await using subject = await atOps();
    const { revision } = await subject.ops.policy();
    const [path] = Object.keys(changes);
    expect(await subject.ops.turn({ changes, reason: 'a test' })).toMatchObject(
      problem(422, code, `${path}: ${message}`, [{ path, message }]),
    );
    expect((await subject.ops.policy()).revision).toBe(revision);
  });

  it('refuses a deadline that leaves a part no time in its route', async () => {
    await using subject = await atOps();
    expect(await subject.ops.turn({ changes: { [DEADLINE]: '3s' }, reason: 'a test' })).toMatchObject({
      status: 422,
      body: { code: 'misfit', errors: [{ path: expect.stringMatching(/^routes\./) }, { path: expect.stringMatching(/^routes\./) }] },
    });
  });

  it('names every fault of a change', async () => {
    await using subject = await atOps();
    expect(await subject.ops.turn({ changes: { [FRESH]: '2h', [DEADLINE]: 'soon' }, reason: 'a test' })).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/\(and 1 more\)$/), errors: [{ path: FRESH }, { path: DEADLINE }] },
    });
  });

  it.each([
    ['no reason', { changes: { [FRESH]: '5s' } }, 'reason', 'expected a text'],
    ['an empty reason', { changes: { [FRESH]: '5s' }, reason: '  ' }, 'reason', 'expected a text that is not empty'],
    ['no changes', { reason: 'a test' }, 'changes', 'expected paths with values'],
    ['changes that are none', { changes: {}, reason: 'a test' }, 'changes', 'expected at least one path with a value'],
    [
      'too many changes',
      { changes: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`a${i}`, '5s'])), reason: 'a test' },
      'changes',
      'expected 100 paths or less',
    ],
    [
      'a value of no kind',
      { changes: { [FRESH]: true }, reason: 'a test' },
      `changes.${FRESH}`,
      'expected a value as gateway.yaml has it, or null to take the override away',
    ],
    [
      'a time that is none',
      { changes: { [FRESH]: '5s' }, reason: 'a test', expires: 'soon' },
      'expires',
      'expected a duration like "800ms" or "2s"',
    ],
    [
      'a time where overrides are taken away',
      { changes: { [FRESH]: null }, reason: 'a test', expires: '2h' },
      'expires',
      'expected none where overrides are only taken away: they do not come back by themselves',
    ],
    ['an unknown key', { changes: { [FRESH]: '5s' }, raeson: 'x', reason: 'a test' }, '', 'unknown key "raeson" (did you mean "reason"?)'],
    ['a list', [], '', 'expected an object'],
  ])('refuses %s, by its place', async (_, body, path, message) => {
    await using subject = await atOps();
    expect(await subject.ops.turn(body)).toMatchObject(problem(422, 'invalid', 'the request is not well formed', [{ path, message }]));
  });

  it('that can not be stored is not in force, and why is in the log alone', async () => {
    const store = overridesInMemory();
    await using subject = await atOps({ overrides: { ...store, save: () => Promise.reject(new Error('the disk is full')) } });
    const told = await subject.ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a test' });
    expect(told).toMatchObject(problem(503, 'store', 'the change could not be stored, so it is not in force'));
    expect(told.text).not.toContain('disk');
    expect(subject.gateway.log.at(-1)).toMatchObject({ level: 50, err: { message: 'the disk is full' } });
    expect((await subject.ops.policy(FRESH)).knobs).toMatchObject([{ origin: 'default' }]);
  });
});
