/** What a rehearsal assumes. */
export interface Pace {
  /** How many items every list has. */
  readonly items: number;
  /** How long each product call takes, in milliseconds; `deadline`: it answers with the last millisecond that it has. */
  readonly latencyMs: number | 'deadline';
}

/** How many items short lists have. */
export const FEW = 2;

/** How many items long lists have: what is called more often for them grows with the list. */
export const MANY = 20;
