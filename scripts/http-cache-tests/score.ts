import type { Group, Results, Test } from './suite.ts';

/** What a test came to. `moot`: a test that it stands on failed, so that it says nothing. */
export type Verdict = 'passed' | 'failed' | 'moot';

/** Judges as the suite's own pages do: a test that stands on one that failed says nothing. */
export function verdicts(groups: readonly Group[], results: Results): ReadonlyMap<Test, Verdict> {
  const tests = new Map(groups.flatMap((group) => group.tests).map((test) => [test.id, test]));
  const judge = (test: Test): Verdict => {
    const standsOn = test.depends_on.flatMap((id) => tests.get(id) ?? []);
    if (standsOn.some((other) => judge(other) !== 'passed')) return 'moot';
    return results[test.id] === true ? 'passed' : 'failed';
  };
  return new Map([...tests.values()].map((test) => [test, judge(test)]));
}

const ONE_ANSWER_FOR_ANOTHER = ['cc-response', 'vary', 'vary-parse', 'auth'];

/**
 * Whether a failure of this test could mean that somebody got what was meant for somebody else: it was not to be stored, it was
 * chosen by something that the next request says otherwise, it was for one user, it stands at another address.
 */
const isLeakTest = (group: Group, test: Test): boolean =>
  test.kind === 'required' && (ONE_ANSWER_FOR_ANOTHER.includes(group.id) || test.id === 'query-args-different');

/** Whether it did: an answer came from the cache that was not to. */
const leaked = (test: Test, results: Results): boolean => {
  const result = results[test.id];
  return Array.isArray(result) && result[1].includes('comes from cache') && !result[1].includes('does not');
};

/** The score by category, as the lines of a table. */
export function table(groups: readonly Group[], results: Results): readonly string[] {
  const judged = verdicts(groups, results);
  const count = (tests: readonly Test[], kind: Test['kind']): string => {
    const of = tests.filter((test) => test.kind === kind);
    return of.length === 0 ? '' : `${of.filter((test) => judged.get(test) === 'passed').length}/${of.length}`;
  };
  const scored = groups.filter(({ tests }) => tests.some(({ kind }) => kind !== 'check'));
  const all = { name: 'all', tests: groups.flatMap(({ tests }) => tests) };
  const width = Math.max(...scored.map(({ name }) => name.length));
  const row = ({ name, tests }: Pick<Group, 'name' | 'tests'>): string =>
    `| ${name.padEnd(width)} | ${count(tests, 'required').padStart(8)} | ${count(tests, 'optimal').padStart(7)} |`;
  return [
    `| ${'category'.padEnd(width)} | required | optimal |`,
    `| ${'-'.repeat(width)} | -------: | ------: |`,
    ...[...scored, all].map(row),
  ];
}

/** What failed, and what could have been a leak, as lines. */
export function* failures(groups: readonly Group[], results: Results): Generator<string> {
  const judged = verdicts(groups, results);
  const leaks = groups.flatMap((group) => group.tests.filter((test) => isLeakTest(group, test)));
  yield `leak class: ${leaks.length} tests, ${leaks.filter((test) => leaked(test, results)).length} leaks`;
  for (const kind of ['required', 'optimal'] as const) {
    yield '';
    yield `${kind}, not passed:`;
    for (const test of groups.flatMap(({ tests }) => tests)) {
      if (test.kind !== kind || judged.get(test) === 'passed') continue;
      const result = results[test.id];
      const why =
        judged.get(test) === 'moot'
          ? `says nothing without ${test.depends_on.join(', ')}`
          : Array.isArray(result)
            ? result.join(': ')
            : 'did not run';
      yield `  ${test.id}: ${why}`;
    }
  }
}
