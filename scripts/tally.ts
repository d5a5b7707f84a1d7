import { writeFileSync } from 'node:fs';

/** What jest says at the end of a run, as far as it is counted here. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Test files that broke before their tests could run. */
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * A reporter that leaves one line, `N passed, N failed, N skipped`, in the file that TALLY names, for .ci/run. A test file that could
 * not run counts as one failure.
 */
export default class Tally {
  onRunComplete(_contexts: unknown, results: Results): void {
    const file = process.env['TALLY'];
    if (file === undefined) return;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    writeFileSync(file, `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}
