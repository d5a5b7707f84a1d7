import { describe, expect, it } from '@jest/globals';
import type { Series } from '../../src/observe/series.js';
import { until } from '../until.js';
import { FakeCrew, type FakeProcess } from './fake-crew.js';

/** What a worker says of its metrics that has answered so often, and answers so many now. */
const series = (answers: number, inFlight = 0): Series[] => [
  { name: 'answers_total', help: 'a', type: 'counter', aggregator: 'sum', values: [{ value: answers, labels: { route: 'r' } }] },
  { name: 'in_flight', help: 'i', type: 'gauge', aggregator: 'sum', values: [{ value: inFlight, labels: {} }] },
];

/** What the answers come to in what somebody was told. */
const sums = (values: readonly unknown[] = []): readonly (readonly [name: string, sum: number])[] => {
  const all = (values as Series[][]).flat();
  return [...Map.groupBy(all, ({ name }) => name)].map(([name, of]) => [
    name,
    of.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0),
  ]);
};

/** Answers the latest question that this worker was asked. */
function reply(worker: FakeProcess | undefined, value: unknown): void {
  const asked = worker?.of('asked').at(-1);
  if (asked) worker?.says({ kind: 'replies', id: asked.id, value });
}

const told = (worker: FakeProcess | undefined): readonly unknown[] | undefined => worker?.of('told').at(-1)?.values;

describe('what a worker', () => {
  it('says is heard by all others', async () => {
    const { processes } = await FakeCrew.started(3);
    processes[1]?.says({ kind: 'says', text: 'purge' });
    expect(processes.map((worker) => worker.of('heard').map(({ text }) => text))).toEqual([['purge'], [], ['purge']]);
  });

  it('asks is answered by all, itself included, when all have answered; nothing is an answer too', async () => {
    const { processes } = await FakeCrew.started(3);
    processes[0]?.says({ kind: 'asks', id: 41, topic: 'products' });
    reply(processes[0], { one: 1 });
    reply(processes[2], undefined);
    expect(told(processes[0])).toBeUndefined();
    reply(processes[1], { two: 2 });
    expect(processes[0]?.of('told')).toEqual([{ kind: 'told', id: 41, values: [{ one: 1 }, { two: 2 }] }]);
    reply(processes[1], { late: true });
    expect(processes[0]?.of('told')).toHaveLength(1);
  });

  it('asks is answered though one is stuck, and though one dies over it', async () => {
    const { processes, clock } = await FakeCrew.started(3);
    processes[0]?.says({ kind: 'asks', id: 1, topic: 'products' });
    reply(processes[0], 'here');
    processes[2]?.ends(1);
    clock.advance(999);
    expect(told(processes[0])).toBeUndefined();
    clock.advance(1);
    expect(told(processes[0])).toEqual(['here']);
  });

  it('asks is not for one that is being replaced, but for all where all end', async () => {
    const { crew, processes } = await FakeCrew.started(2);
    void crew.roll();
    await until(() => processes.length === 3);
    processes[2]?.listens();
    await until(() => processes[0]?.of('leave').length === 1);
    processes[0]?.says({ kind: 'asks', id: 1, topic: 'products' });
    expect(processes.map((worker) => worker.of('asked').length)).toEqual([0, 1, 1]);
    void crew.end();
    processes[1]?.says({ kind: 'asks', id: 2, topic: 'products' });
    expect(processes.map((worker) => worker.of('asked').length)).toEqual([1, 2, 2]);
  });

  it('says that nobody understands changes nothing', async () => {
    const { processes } = await FakeCrew.started(2);
    processes[0]?.says({ kind: 'replies', id: 99, value: 'to nobody' });
    processes[0]?.says(JSON.parse('{"kind":"shouts"}') as never);
    expect(processes[1]?.told).toEqual([]);
  });
});

describe('what workers have counted', () => {
  it('never becomes less: of one that is gone its last word counts, and what it was doing does not', async () => {
    const { crew, processes } = await FakeCrew.started(2);
    processes[0]?.says({ kind: 'asks', id: 1, topic: 'metrics' });
    reply(processes[0], series(10, 1));
    reply(processes[1], series(20, 2));
    expect(sums(told(processes[0]))).toEqual([
      ['answers_total', 30],
      ['in_flight', 3],
    ]);
    void crew.roll();
    await until(() => processes.length === 3);
    processes[2]?.listens();
    await until(() => processes[0]?.of('leave').length === 1);

    processes[1]?.says({ kind: 'asks', id: 2, topic: 'metrics' }); // one that leaves is asked too
    reply(processes[0], series(11, 1));
    reply(processes[1], series(20, 0));
    reply(processes[2], series(1, 0));
    expect(sums(told(processes[1]))).toEqual([
      ['answers_total', 32],
      ['in_flight', 1],
    ]);

    processes[1]?.says({ kind: 'asks', id: 3, topic: 'metrics' });
    processes[0]?.says({ kind: 'counted', series: series(12, 1) });
    processes[0]?.ends();
    reply(processes[1], series(20, 0));
    reply(processes[2], series(2, 0));
    await until(() => processes[1]?.of('told').length === 2);
    expect(sums(told(processes[1]))).toContainEqual(['answers_total', 34]);

    processes[1]?.says({ kind: 'asks', id: 4, topic: 'metrics' });
    reply(processes[1], series(20, 0));
    reply(processes[2], series(2, 0));
    await until(() => processes[1]?.of('told').length === 3);
    expect(sums(told(processes[1]))).toEqual([
      ['answers_total', 34],
      ['in_flight', 0],
    ]);
  });

  it('is as it was last said of one that is stuck, or was killed', async () => {
    const { processes, clock, said } = bound(await FakeCrew.started(2));
    const ask = (id: number): void => processes[0]?.says({ kind: 'asks', id, topic: 'metrics' });
    ask(1);
    reply(processes[0], series(10));
    reply(processes[1], series(20));
    ask(2);
    reply(processes[0], series(11));
    clock.advance(1000);
    expect(sums(told(processes[0]))).toContainEqual(['answers_total', 31]);
    processes[1]?.ends(null, 'SIGKILL');
    await said('a worker died');
    ask(3);
    reply(processes[0], series(12));
    expect(sums(told(processes[0]))).toEqual([
      ['answers_total', 32],
      ['in_flight', 0],
    ]);
  });
});

const bound = (subject: FakeCrew) => ({ processes: subject.processes, clock: subject.clock, said: subject.said.bind(subject) });
