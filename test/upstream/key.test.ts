import * as fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { Call, type Identity } from '../../src/upstream/call.js';
import { askedOf, isSame, mayBeShared, ownerOf, tuple, unkeyed } from '../../src/upstream/key.js';
import { callOf, library } from '../cache/shelves.js';
import { request } from './layers/calls.js';

const name = fc.option(fc.constantFrom('', '0', '1', 'a', 'b', '1:a'), { nil: undefined });
const identity: fc.Arbitrary<Identity> = fc.record({
  consumer: name,
  user: name,
  issuer: name,
  scopes: fc.option(fc.uniqueArray(fc.constantFrom('', '0', '1', 'a', 'b'), { maxLength: 3 }), { nil: undefined }),
});

/** What an identity says, in a form in which only equal ones are alike. */
const said = ({ consumer, user, issuer, scopes }: Identity): string =>
  JSON.stringify([consumer ?? null, user ?? null, issuer ?? null, scopes?.toSorted() ?? null]);

describe('whose an answer is', () => {
  it('is told apart by all that is known of who asks, however it is put together', () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const same = said(one) === said(other);
        expect(isSame(one, other)).toBe(same);
        const [mine, theirs] = [ownerOf('user', one), ownerOf('user', other)];
        expect(mine && theirs ? tuple(mine) === tuple(theirs) : same).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('is nobody’s where it depends on somebody whom nobody has named', () => {
    const nobody = { consumer: undefined, user: undefined };
    expect([ownerOf('user', { ...nobody, consumer: 'web' }), ownerOf('consumer', { ...nobody, user: 'ada' })]).toEqual([
      undefined,
      undefined,
    ]);
    expect(ownerOf('public', nobody)).toEqual(['public']);
    expect(ownerOf('consumer', { ...nobody, consumer: 'web' })).toEqual(['consumer', 'web']);
  });

  it('of a user is written with all pieces, there or not, and with scopes in order', () => {
    const who = { consumer: 'web', user: 'ada', issuer: undefined, scopes: ['b', 'a'] };
    expect(ownerOf('user', who)).toEqual(['user', '1', 'web', '1', 'ada', '0', '3', 'a', 'b']);
    expect(ownerOf('user', { ...who, scopes: undefined })).toEqual(['user', '1', 'web', '1', 'ada', '0', '0']);
  });

  it('is never a consumer’s and a user’s at once, nor everybody’s', () => {
    const web = { consumer: 'web', user: 'web' };
    const owners = (['public', 'consumer', 'user'] as const).map((dependsOn) => tuple(ownerOf(dependsOn, web) ?? []));
    expect(new Set(owners).size).toBe(3);
  });
});

describe('an answer that others may wait for', () => {
  it.each([
    ['everybody’s, of what may be repeated', library.getBook, { id: 'b-1' }, {}, true],
    ['nobody’s in particular', library.getLoans, {}, {}, false],
    ['a user’s', library.getLoans, {}, { user: 'ada' }, true],
    ['of what may not be repeated', library.addBook, { title: 't' }, { user: 'ada' }, false],
  ] as const)('is one that is %s', (_, operation, input, who, shared) => {
    expect(mayBeShared(callOf(operation, input, request(who)))).toBe(shared);
  });
});

describe('what a call asks for, as one text', () => {
  const text = fc.constantFrom('', '0', '0;', '1:a', 'a', '6:public', ' 1:/');
  const fields = fc.dictionary(fc.constantFrom('a', 'b', '1:a'), text, { maxKeys: 2 });
  const asks = fc.record({
    operation: fc.constantFrom(library.getBook, library.getLoans),
    path: text,
    body: fc.option(text, { nil: undefined }),
    headers: fields,
    passage: fields,
    who: identity,
  });
  type Asks = typeof asks extends fc.Arbitrary<infer T> ? T : never;

  const made = ({ operation, path, body, headers, passage, who }: Asks): string => {
    const { endpoint, scope } = callOf(operation, operation === library.getBook ? { id: 'b-1' } : {}, request());
    return askedOf(
      new Call(endpoint, {}, { path, body, headers }, { ...scope, serial: 1, identity: who, passage }, undefined, scope.cancellation),
    );
  };
  /** Whose it is, in a form in which only equal ones are alike. */
  const ofWhom = ({ operation, who }: Asks): unknown =>
    operation.dependsOn === 'public' ? 0 : who.user === undefined ? 'this request' : said(who);

  it('is the same for calls that are alike in all that goes out and in whose they are, and for no others', () => {
    const sorted = (one: object): unknown => Object.entries(one);
    const whole = (one: Asks): string =>
      JSON.stringify([one.operation.name, one.path, one.body ?? '', sorted(one.headers), sorted(one.passage), ofWhom(one)]);
    fc.assert(
      fc.property(asks, asks, fc.boolean(), (one, other, half) => {
        const near = half ? { ...one, passage: other.passage, headers: other.headers } : other;
        expect(made(one) === made(near)).toBe(whole(one) === whole(near));
        expect(made(one)).toBe(made({ ...one }));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('what goes out with each call and is another each time', () => {
  it('is no part of a key', () => {
    expect([...unkeyed].toSorted()).toEqual([
      'cdn-loop',
      'traceparent',
      'tracestate',
      'via',
      'x-interline-consumer',
      'x-request-id',
      'x-request-timeout-ms',
      'x-user-token',
    ]);
  });
});
