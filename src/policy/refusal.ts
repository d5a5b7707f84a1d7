import type { Step } from './overrides.js';

/** What a path has wrong. */
export interface Problem {
  readonly path: string;
  /** What was expected, and what came. */
  readonly message: string;
}

/** Why a change was refused, as a whole: nothing of it is in force. */
export interface Refusal {
  readonly refused: 'race' | 'unknown' | 'bounds' | 'value' | 'misfit' | 'moved' | 'missing' | 'store';
  readonly problems: readonly Problem[];
  /** What the store threw. */
  readonly cause?: unknown;
}

/** A refusal with one problem. */
export const refusal = (refused: Refusal['refused'], path: string, message: string): Refusal => ({
  refused,
  problems: [{ path, message }],
});

/** Whether a change was refused. */
export const isRefusal = (result: Step | Refusal): result is Refusal => 'refused' in result;
