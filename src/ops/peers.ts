import type { z } from 'zod';
import { METRICS, Series } from '../observe/series.js';

/** Something that workers say of themselves. */
export interface Topic<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** What workers ask each other for their metrics by. */
export const METRICS_OF_ALL: Topic<readonly Series[]> = { name: METRICS, schema: Series.array().readonly() };

/** All workers of this gateway, this one included: whoever asks one port asks all of them. */
export abstract class Peers {
  /** Has this one say so when it is asked for a topic. */
  abstract answers<T>(topic: Topic<T>, say: () => T | Promise<T>): void;
  /** What all of them say; of those that say it soon. */
  abstract ask<T>(topic: Topic<T>): Promise<readonly T[]>;
}

/** A process alone: what it is asked it says itself. */
export function alone(): Peers {
  const answers = new Map<string, () => unknown>();
  return {
    answers: ({ name }, say) => void answers.set(name, say),
    ask: async ({ name, schema }) => [schema.parse(await answers.get(name)?.())],
  };
}
