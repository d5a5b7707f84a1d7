import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Timer } from '../clock.js';
import { codeOf, replaceFile } from '../policy/atomic-file.js';

const DAY_MS = 86_400_000;

/** How long it is remembered that somebody called, in days. */
const REMEMBERED_DAYS = 30;

/** How long a day's first use may wait to be written, in milliseconds. */
const WRITE_AFTER_MS = 60_000;

/** When who last called what: days since 1970, by route and then by consumer. */
const Used = z.record(z.string(), z.record(z.string(), z.int()));
type Used = z.output<typeof Used>;

/** Where it is kept who called what. What can't be read is nothing: nobody's access hangs on it. */
export interface UsageStore {
  load(): Promise<unknown>;
  save(used: Used): Promise<void>;
}

/** Who called what within the last 30 days, by the day: for the question whether an access is needed still. */
export class Usage implements AsyncDisposable {
  readonly #used = new Map<string, Map<string, number>>();
  #write: Timer | undefined;

  /** `store` undefined: it is forgotten with the process. */
  constructor(
    readonly clock: Clock,
    readonly store: UsageStore | undefined,
    readonly trouble: (error: unknown) => void,
  ) {}

  /** Takes up what was remembered before. */
  async restore(): Promise<void> {
    const read = Used.safeParse(await this.store?.load());
    for (const [route, days] of Object.entries(read.data ?? {}))
      for (const [consumer, day] of Object.entries(days)) this.#note(route, consumer, day);
  }

  /** A consumer calls a route. */
  uses(route: string, consumer: string): void {
    const day = Math.floor(this.clock.date() / DAY_MS);
    if (this.#used.get(route)?.get(consumer) === day) return;
    this.#note(route, consumer, day);
    if (this.store) this.#write ??= this.clock.after(WRITE_AFTER_MS, () => void this.#save());
  }

  /** The day on which a consumer last called a route, as a date; undefined where that is longer ago than 30 days, or never was. */
  lastUse(route: string, consumer: string): string | undefined {
    const day = this.#used.get(route)?.get(consumer);
    const today = Math.floor(this.clock.date() / DAY_MS);
    return day === undefined || today - day > REMEMBERED_DAYS ? undefined : new Date(day * DAY_MS).toISOString().slice(0, 10);
  }

  /** Writes what is not written yet. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#write) await this.#save();
  }

  #note(route: string, consumer: string, day: number): void {
    let days = this.#used.get(route);
    if (!days) this.#used.set(route, (days = new Map<string, number>()));
    days.set(consumer, Math.max(day, days.get(consumer) ?? 0));
  }

  async #save(): Promise<void> {
    this.#write?.cancel();
    this.#write = undefined;
    const used = Object.fromEntries([...this.#used].map(([route, days]) => [route, Object.fromEntries(days)]));
    await this.store?.save(used).catch(this.trouble);
  }
}

/**
 * Keeps it in `<dataDir>/access-used.json`; a worker in a file of its own, `access-used-2.json`, since two that write one would
 * lose what the other knew. All files are read, so that nothing is forgotten when there are fewer workers.
 */
export function usageFile(dataDir: string, worker?: number): UsageStore {
  const own = worker === undefined ? 'access-used.json' : `access-used-${worker}.json`;
  return {
    async load() {
      const names = (await namesIn(dataDir)).filter((name) => /^access-used(-\d+)?\.json$/.test(name));
      return latest(await Promise.all(names.map((name) => read(join(dataDir, name)))));
    },
    async save(used) {
      const file = join(dataDir, own);
      if (worker === undefined) return replaceFile(file, `${JSON.stringify(used)}\n`);
      // A worker that is being replaced writes there to its end, as the new one does already.
      const both = latest([await read(file), used]);
      await replaceFile(file, `${JSON.stringify(both)}\n`, `${file}.${process.pid}.new`);
    },
  };
}

/** The latest day of each. */
function latest(all: readonly Used[]): Used {
  const together: Used = {};
  for (const used of all)
    for (const [route, days] of Object.entries(used)) {
      const known = (together[route] ??= {});
      for (const [consumer, day] of Object.entries(days)) known[consumer] = Math.max(day, known[consumer] ?? day);
    }
  return together;
}

async function read(file: string): Promise<Used> {
  try {
    return Used.safeParse(JSON.parse(await readFile(file, 'utf8'))).data ?? {};
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return {};
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
