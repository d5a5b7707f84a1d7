import { describe, expect, it } from '@jest/globals';
import { until } from '../until.js';
import { FakeCrew } from './fake-crew.js';

describe('a crew that starts', () => {
  it('starts one, and all others when that one listens; each is told which it is', async () => {
    const { crew, processes, forked } = bound(new FakeCrew(3));
    const started = crew.start();
    const first = await forked(0);
    first.says({ kind: 'joins' });
    expect(processes).toHaveLength(1);
    first.listens();
    for (const nth of [1, 2]) {
      const other = await forked(nth);
      other.says({ kind: 'joins' });
      other.listens();
    }
    expect(await started).toEqual({ ok: true, url: 'http://1', opsUrl: 'http://ops-1' });
    expect(processes.flatMap((process) => process.of('begin'))).toEqual(
      [1, 2, 3].map((worker) => ({ kind: 'begin', worker, of: 3, group: 'g' })),
    );
    expect(crew.listening).toBe(3);
  });

  it('starts no other where the first can not begin, and gives what that one says', async () => {
    const { crew, processes, forked } = bound(new FakeCrew(3));
    const started = crew.start();
    const first = await forked(0);
    first.says({ kind: 'failed', why: 'no configuration' });
    first.ends(1);
    expect(await started).toEqual({ ok: false, why: 'no configuration' });
    expect(processes).toHaveLength(1);
  });

  it('ends all where another one can not begin', async () => {
    const { crew, processes, forked } = bound(new FakeCrew(3));
    const started = crew.start();
    (await forked(0)).listens();
    (await forked(1)).listens();
    (await forked(2)).ends(7);
    expect(await started).toEqual({ ok: false, why: undefined });
    expect(processes.map(({ killed }) => killed)).toEqual([true, true, false]);
  });

  it('waits a minute for one that does not listen', async () => {
    const { crew, clock, forked } = bound(new FakeCrew(2));
    const started = crew.start();
    const first = await forked(0);
    clock.advance(59_999);
    expect(first.killed).toBe(false);
    clock.advance(1);
    expect(first.killed).toBe(true);
    expect(await started).toEqual({ ok: false, why: 'it did not listen within 60 s' });
  });
});

describe('a crew that is told to end while it starts', () => {
  it('lets those that listen already end what they have begun', async () => {
    const { crew, processes, forked } = bound(new FakeCrew(2));
    const started = crew.start();
    (await forked(0)).listens();
    const second = await forked(1);
    const ended = crew.end();
    expect((await started).ok).toBe(false);
    expect([second.killed, processes[0]?.killed]).toEqual([true, false]);
    expect(processes[0]?.of('leave')).toEqual([{ kind: 'leave', why: 'all end' }]);
    processes[0]?.ends();
    expect(await ended).toBe(true);
  });
});

describe('a worker that dies', () => {
  it('is replaced at once; where its place is left soon again and again, after longer and longer pauses', async () => {
    const { clock, processes, log, forked } = bound(await FakeCrew.started(2));
    const pauses = [0, 1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1000);
    for (const [nth, pause] of pauses.entries()) {
      const worker = nth === 0 ? await forked(0) : await forked(nth + 1);
      if (nth > 0) worker.listens();
      const pending = clock.pending;
      worker.ends(1);
      await until(() => log.filter(({ msg }) => msg === 'a worker died').length === nth + 1);
      await clock.waiting(pending + 1);
      if (pause > 0) clock.advance(pause - 1);
      expect(processes).toHaveLength(nth + 2);
      clock.advance(pause > 0 ? 1 : 0);
      expect(processes).toHaveLength(nth + 3);
    }
    expect(log.filter(({ msg }) => msg === 'a worker died').map(({ againInMs }) => againInMs)).toEqual(pauses);
  });

  it('is replaced at once where it had lived for a minute', async () => {
    const { clock, processes, log, forked } = bound(await FakeCrew.started(2));
    for (let nth = 1; nth <= 4; nth++) {
      clock.advance(60_000);
      processes.at(-1)?.ends(null, 'SIGSEGV');
      await until(() => log.filter(({ msg }) => msg === 'a worker died').length === nth);
      clock.advance(0);
      (await forked(nth + 1)).listens();
      await until(() => log.filter(({ msg }) => msg === 'a worker was replaced').length === nth);
    }
    expect(log.filter(({ msg }) => msg === 'a worker died')).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining({ worker: 2, againInMs: 0, signal: 'SIGSEGV' })),
    );
  });

  it('is tried for again where the next one does not come up, which is said', async () => {
    const { clock, log, forked, said } = bound(await FakeCrew.started(2));
    (await forked(0)).ends(1);
    await said('a worker died');
    clock.advance(0);
    const next = await forked(2);
    next.says({ kind: 'failed', why: 'no configuration' });
    next.ends(1);
    await said('a worker did not come up');
    expect(log.find(({ msg }) => msg === 'a worker did not come up')).toMatchObject({ worker: 1, why: 'no configuration' });
    await until(() => log.filter(({ msg }) => msg === 'a worker died').length === 2);
    clock.advance(1000);
    (await forked(3)).listens();
    await said('a worker was replaced');
  });
});

describe('a rolling restart', () => {
  it('has each new one listen before the old one leaves, and goes on when that one is gone', async () => {
    const { crew, processes, forked, said } = bound(await FakeCrew.started(2));
    const [one, two] = processes;
    const rolled = crew.roll();
    const third = await forked(2);
    expect(one?.of('leave')).toEqual([]);
    third.listens();
    await until(() => one?.of('leave').length === 1);
    expect(one?.of('leave')).toEqual([{ kind: 'leave', why: 'replaced' }]);
    expect([processes.length, two?.told.filter(({ kind }) => kind === 'leave')]).toEqual([3, []]);
    one?.ends();
    (await forked(3)).listens();
    await until(() => two?.of('leave').length === 1);
    two?.ends();
    await rolled;
    await said('a rolling restart is over: all workers are new');
    expect(crew.listening).toBe(2);
    expect(processes).toHaveLength(4);
  });

  it('ends an old one that does not end in time', async () => {
    const { crew, clock, processes, forked, said } = bound(await FakeCrew.started(2));
    const rolled = crew.roll();
    (await forked(2)).listens();
    await until(() => processes[0]?.of('leave').length === 1);
    clock.advance(59_999);
    expect(processes[0]?.killed).toBe(false);
    clock.advance(1);
    expect(processes[0]?.killed).toBe(true);
    await said('a worker did not end in time, or not well, when another one had taken its place');
    (await forked(3)).listens();
    await until(() => processes[1]?.of('leave').length === 1);
    processes[1]?.ends();
    await rolled;
  });

  it('stops where a new one does not come up: the old ones stay, and are replaced when they die', async () => {
    const { crew, clock, log, processes, forked, said } = bound(await FakeCrew.started(2));
    const rolled = crew.roll();
    const third = await forked(2);
    third.says({ kind: 'failed', why: 'no configuration' });
    third.ends(1);
    await rolled;
    expect(log.at(-1)).toMatchObject({ worker: 1, why: 'no configuration' });
    expect(processes.flatMap((process) => process.of('leave'))).toEqual([]);
    expect(crew.listening).toBe(2);
    processes[0]?.ends(1);
    await said('a worker died');
    clock.advance(0);
    (await forked(3)).listens();
    await said('a worker was replaced');
  });

  it('fills the place of one that dies while its successor does not come up', async () => {
    const { crew, clock, processes, forked, said } = bound(await FakeCrew.started(2));
    const rolled = crew.roll();
    const third = await forked(2);
    processes[0]?.ends(null, 'SIGKILL');
    third.ends(1);
    await rolled;
    await said('a worker died');
    clock.advance(0);
    (await forked(3)).listens();
    await said('a worker was replaced');
    expect(crew.listening).toBe(2);
  });

  it('that is asked for while one is under way is done once more, however often it is asked for', async () => {
    const { crew, processes, forked } = bound(await FakeCrew.started(1));
    const rolled = Promise.all([crew.roll(), crew.roll(), crew.roll()]);
    for (const nth of [1, 2]) {
      (await forked(nth)).listens();
      await until(() => processes[nth - 1]?.of('leave').length === 1);
      processes[nth - 1]?.ends();
    }
    await rolled;
    expect(processes).toHaveLength(3);
  });
});

describe('a crew that ends', () => {
  it('tells all, and has ended well when all have', async () => {
    const { crew, processes } = bound(await FakeCrew.started(2));
    const ended = crew.end();
    expect(processes.map((process) => process.of('leave'))).toEqual([
      [{ kind: 'leave', why: 'all end' }],
      [{ kind: 'leave', why: 'all end' }],
    ]);
    for (const process of processes) process.ends();
    expect(await ended).toBe(true);
    expect(processes).toHaveLength(2);
  });

  it('has not ended well where one fails, or takes too long, which is ended', async () => {
    for (const late of [true, false]) {
      const { crew, clock, processes } = bound(await FakeCrew.started(2));
      const ended = crew.end();
      processes[0]?.ends();
      if (late) clock.advance(5_000);
      else processes[1]?.ends(1);
      expect(await ended).toBe(false);
      expect(processes[1]?.killed).toBe(late);
    }
  });

  it('starts nobody any more, and ends at once who does not listen yet', async () => {
    const { crew, clock, processes, forked, said } = bound(await FakeCrew.started(2));
    processes[0]?.ends(1);
    await said('a worker died');
    clock.advance(0);
    const starting = await forked(2);
    const rolled = crew.roll();
    const rolling = await forked(3);
    const ended = crew.end();
    expect([starting.killed, rolling.killed]).toEqual([true, true]);
    processes[1]?.ends();
    expect(await ended).toBe(true);
    await rolled;
    clock.advance(60_000);
    expect(processes).toHaveLength(4);
  });
});

/** With its functions bound, to be taken apart. */
const bound = (subject: FakeCrew) => ({
  crew: subject.crew,
  clock: subject.clock,
  processes: subject.processes,
  log: subject.log,
  forked: subject.forked.bind(subject),
  said: subject.said.bind(subject),
});
