import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Counts, Levels, Timings } from '../../src/observe/counts.js';

const BOUNDS = [0.001, 0.01, 1, 10];
const labelNames = ['route', 'outcome'];
const labels = (route: string, outcome: string) => ({ route, outcome });
const one = { name: 'things', help: 'Of them.' };

/** Some things that happen: what under, and how much. */
const happenings = fc.array(
  fc.record({
    route: fc.constantFrom('GET /v1/books', 'a "quoted" one', ''),
    outcome: fc.constantFrom('ok', 'failed'),
    value: fc.oneof(fc.constantFrom(...BOUNDS), fc.double({ min: 0, max: 20, noNaN: true })),
  }),
);

/** The lines of a text, but in any order. */
const linesOf = async (registry: Registry): Promise<readonly string[]> => (await registry.metrics()).split('\n').toSorted();
const jsonOf = async (registry: Registry): Promise<readonly string[]> =>
  (await registry.getMetricsAsJSON()).flatMap(({ values, name, type, aggregator }) => [
    JSON.stringify([name, type, aggregator]),
    ...values.map((value) => JSON.stringify(value, ['metricName', 'labels', 'le', ...labelNames, 'value'])).toSorted(),
  ]);

const readings = { 'as a text': linesOf, 'as JSON, which is what processes tell each other': jsonOf };

describe.each(Object.entries(readings))('what is counted without texts of labels reads %s like what prom-client counts', (_, reading) => {
  it('where it is counted up', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, async (all) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const counts = new Counts({ registry: ours, ...one, labelNames, labels });
        const counter = new Counter({ ...one, labelNames, registers: [theirs] });
        for (const { route, outcome, value } of all) {
          counts.add(value, route, outcome);
          counter.inc({ route, outcome }, value);
        }
        expect(await reading(ours)).toEqual(await reading(theirs));
      }),
    );
  });

  it('where it goes up and down', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, async (all) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const levels = new Levels({ registry: ours, ...one, labelNames, labels });
        const gauge = new Gauge({ ...one, labelNames, registers: [theirs] });
        for (const { route, outcome, value } of all) {
          levels.add(value - 5, route, outcome);
          gauge.inc({ route, outcome }, value - 5);
        }
        expect(await reading(ours)).toEqual(await reading(theirs));
      }),
    );
  });

  it('where it is spread over bounds, which belong to what is below them', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, async (all) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const timings = new Timings({ registry: ours, ...one, labelNames, labels }, BOUNDS);
        const histogram = new Histogram({ ...one, labelNames, buckets: BOUNDS, registers: [theirs] });
        for (const { route, outcome, value } of all) {
          timings.add(value, route, outcome);
          histogram.observe({ route, outcome }, value);
        }
        expect(await reading(ours)).toEqual(await reading(theirs));
      }),
    );
  });
});

describe('what is counted under one and the same object', () => {
  it('is one series, read a second time too', async () => {
    const registry = new Registry();
    const operation = { operation: 'getBook' };
    const counts = new Counts({ registry, ...one, labelNames: ['operation'], labels: (of: typeof operation) => of });
    counts.add(1, operation);
    counts.add(1, operation);
    await registry.metrics();
    expect(await registry.metrics()).toContain('things{operation="getBook"} 2\n');
  });
});
