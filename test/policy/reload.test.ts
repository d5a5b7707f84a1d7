import { describe, expect, it } from '@jest/globals';
import { ConfigError, parse } from '../../src/policy/load.js';
import { Reloads } from '../../src/policy/reload.js';
import { resolve } from '../../src/policy/resolve.js';
import { openLibrary } from '../edge/library.js';
import { done, policyOver, turn, yaml } from './landscape.js';

const FRESH = 'products.auth.operations.getUser.cache.fresh';
const BROKEN = yaml().replace('500ms', 'soon');
const LINE = 'gateway.yaml:2:24 defaults.product.deadline: expected a duration like "800ms" or "2s", got "soon"';

/** Reloads of a policy, with what was told of them. */
function reloading(text = yaml()) {
  const policy = policyOver({ text });
  const told: unknown[] = [];
  const reloads = new Reloads(policy, 'gateway.yaml', {
    accepted: (revision, restart) => told.push(['accepted', revision === policy.snapshot.revision, ...restart]),
    rejected: (problems) => told.push(['rejected', ...problems]),
  });
  return { policy, reloads, told, [Symbol.dispose]: () => policy.close() };
}

describe('a new gateway.yaml', () => {
  it('is in force as a whole, and told', () => {
    using subject = reloading();
    subject.reloads.take(yaml().replace('500ms', '600ms'));
    expect(subject.policy.snapshot.operation(0).deadlineMs).toBe(600);
    expect(subject.told).toEqual([['accepted', true]]);
    expect(subject.reloads.state).toEqual({ state: 'ok', revision: subject.policy.snapshot.revision });
  });

  it('that is broken leaves the last good one in force, and says so until it is mended', () => {
    using subject = reloading();
    const { snapshot } = subject.policy;
    subject.reloads.take(BROKEN);
    expect(subject.policy.snapshot).toBe(snapshot);
    expect(subject.reloads.state).toEqual({ state: 'rejected', revision: snapshot.revision, problems: [LINE] });
    subject.reloads.take(yaml());
    expect(subject.reloads.state).toEqual({ state: 'ok', revision: snapshot.revision });
    expect(subject.told).toEqual([
      ['rejected', LINE],
      ['accepted', true],
    ]);
  });

  it('that says what is in force already is not told', () => {
    using subject = reloading();
    subject.reloads.take(`# a comment\n${yaml()}`);
    expect(subject.told).toEqual([]);
  });

  it('keeps what operators have turned', async () => {
    using subject = reloading();
    await done(turn(subject.policy, { [FRESH]: '5s' }));
    subject.reloads.take(yaml().replace('fresh: 1s', 'fresh: 3s'));
    expect(subject.policy.snapshot.operation(0).cache.freshMs).toBe(5000);
  });

  it('names the settings that take a restart, and no others', () => {
    const at = (edge: string, more = ''): string => yaml(`edge: { ${edge} }\n${more}`);
    using subject = reloading(at('maxBody: 1 KiB'));
    subject.reloads.take(at('maxBody: 2 KiB, shed: { inFlight: 7 }, limit: { rate: 5/s }, trustedHops: 1'));
    subject.reloads.take(at('maxBody: 1 KiB, requestTimeout: 9s, serverTiming: true', 'cache: { memory: 1 MiB, entries: 9 }\n'));
    subject.reloads.take(at('maxBody: 1024 B'));
    expect(subject.told).toEqual([
      ['accepted', true, 'edge.maxBody'],
      ['accepted', true, 'edge.requestTimeout', 'edge.serverTiming', 'cache.memory', 'cache.entries'],
      ['accepted', true],
    ]);
  });
});

describe('a gateway under load', () => {
  /** A text cut off at every fifth byte, and with each of its lines lost, doubled or broken. */
  function mutations(text: string): readonly string[] {
    const cuts = Array.from({ length: Math.floor(text.length / 5) }, (_, i) => text.slice(0, i * 5));
    const lines = text.split('\n');
    const edits = lines.flatMap((line, i) => [
      lines.toSpliced(i, 1),
      lines.toSpliced(i, 0, line),
      lines.toSpliced(i, 1, line.replace(':', '')),
      lines.toSpliced(i, 1, `${line} \u0000`),
    ]);
    return [...cuts, ...edits.map((edited) => edited.join('\n'))];
  }

  it('fails no request while files are swapped in, however broken, and takes up only those that are valid', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    const { reloads, policy } = gateway.running.gateway;
    const texts = mutations(gateway.yaml);
    expect(texts.length).toBeGreaterThan(100);
    const load = { running: true };
    let answered = 0;
    const failed: unknown[] = [];
    const caller = async (): Promise<void> => {
      while (load.running) {
        const { status, body } = await gateway.get('/v1/books/b-1?reader=r-1');
        if (status !== 200 || JSON.stringify(body).includes('"complete":false')) failed.push([status, body]);
        answered++;
      }
    };
    const callers = [caller(), caller(), caller(), caller()];
    const seen = { ok: 0, rejected: 0 };
    for (const text of texts) {
      const before = policy.snapshot;
      reloads.take(text);
      const { state } = reloads.state;
      seen[state]++;
      expect(state).toBe(isSound(text) ? 'ok' : 'rejected');
      expect(policy.snapshot === before || state === 'ok').toBe(true);
      await gateway.get('/v1/books/b-1'); // lets the callers go on
    }
    load.running = false;
    await Promise.all(callers);
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(texts.length);
    expect(seen.ok).toBeGreaterThan(0);
    expect(seen.rejected).toBeGreaterThan(100);

    function isSound(text: string): boolean {
      try {
        resolve(parse(text, 'gateway.yaml'), policy.contracts, policy.env);
        return true;
      } catch (error) {
        if (error instanceof ConfigError) return false;
        throw error;
      }
    }
  }, 30_000);

  it('ends each request on the policy that it began with', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    const { clock, yaml } = gateway;
    books.hangs('getBook');
    const slow = gateway.get('/v1/books/b-1');
    await books.arrived(1);
    gateway.running.gateway.reloads.take(yaml.replace('deadline: 500 ms', 'deadline: 100 ms'));
    const quick = gateway.get('/v1/books/b-2');
    await books.arrived(2);
    clock.advance(100);
    expect(await quick).toMatchObject({ status: 504, body: { code: 'timeout' } });
    await books.hungUp(1);
    expect(books.calls.map(({ hungUp }) => hungUp)).toEqual([false, true]);
    clock.advance(400);
    expect(await slow).toMatchObject({ status: 504, body: { code: 'timeout' } });
  });

  it('ends a call at the address that it began at, and makes the next one at the new one', async () => {
    await using subject = await openLibrary();
    await using moved = await openLibrary();
    const { gateway, books } = subject;
    const answers: (() => void)[] = [];
    books.raw((_, response) => {
      answers.push(() => response.writeHead(200, { 'content-type': 'application/json' }).end(BOOK));
    }, 'getBook');
    const before = gateway.get('/v1/books/b-1');
    await books.arrived(1);
    gateway.running.gateway.reloads.take(gateway.yaml.replace(books.url, moved.books.url));
    expect(await gateway.get('/v1/books/b-2')).toMatchObject({ status: 200 });
    expect([books.calls.length, moved.books.calls.length]).toEqual([1, 1]);
    for (const answer of answers) answer();
    expect(await before).toMatchObject({ status: 200, body: { data: { title: 'Old, Ada' } } });
  });
});

const BOOK = JSON.stringify({ id: 'b-1', title: 'Old', year: 1931, author: { name: 'Ada', born: 1900 } });
