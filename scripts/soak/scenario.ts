import type { Report } from './report.ts';

/** What a scenario is given. */
export interface Terms {
  readonly report: Report;
  /** How long the long part of a scenario may take, in milliseconds: it then says how far it came. */
  readonly longestMs: number;
}

/** One thing that takes time to show. */
export interface Scenario {
  /** The rows of the table of faults and goals that it shows. */
  readonly rows: string;
  readonly run: (terms: Terms) => Promise<void>;
}
