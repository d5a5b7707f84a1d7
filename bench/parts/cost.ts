import { median } from '../../scripts/soak/figures.ts';

/** Something that is done again and again, and what it costs. */
export interface Subject {
  readonly name: string;
  readonly once: () => unknown;
}

/** How often each is done in one run, and how many runs there are, in turn. */
export interface CostTerms {
  readonly times: number;
  readonly runs: number;
}

/** How often each is done before it counts: it is compiled by then. */
const WARM_UP = 5000;

/**
 * What each of these costs, in microseconds of processor time: collecting garbage is part of it, other work of the machine is
 * not. They take turns, run by run; the median counts.
 */
export async function costs(subjects: readonly Subject[], { times, runs }: CostTerms): Promise<readonly number[]> {
  const took: number[][] = subjects.map(() => []);
  for (const { once } of subjects) await repeat(once, WARM_UP);
  for (let run = 0; run < runs; run++) for (const [i, { once }] of subjects.entries()) took[i]?.push(await cost(once, times));
  return took.map(median);
}

/**
 * How much more something costs than each of others. Each is held against it right after it was done itself, so that
 * whatever changes over time changes for both.
 */
export async function differences({ once }: Subject, others: readonly Subject[], { times, runs }: CostTerms): Promise<readonly number[]> {
  const more: number[][] = others.map(() => []);
  for (const subject of [...others, { once }]) await repeat(subject.once, WARM_UP);
  for (let run = 0; run < runs; run++)
    for (const [i, other] of others.entries()) {
      const whole = await cost(once, times);
      more[i]?.push(whole - (await cost(other.once, times)));
    }
  return more.map(median);
}

async function cost(once: () => unknown, times: number): Promise<number> {
  const before = process.cpuUsage();
  await repeat(once, times);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

async function repeat(once: () => unknown, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const done = once();
    if (done instanceof Promise) await done;
  }
}
