import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'keys with values',
  record: 'names with values',
  string: 'a text',
};

/** What a configured value was expected to be, for people who know YAML and not zod; schemas may say it better themselves. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'array' ? 'expected at least one' : `expected ${issue.minimum} or more`;
    case 'too_big':
      return `expected ${issue.maximum} or less`;
    default:
      return undefined;
  }
}

/** A value as it was written, short, with nothing secret in it. */
export function shown(path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (path.includes('credential')) return 'something else (not shown: it may be the secret itself)';
  return JSON.stringify(value)
    .slice(0, 80)
    .replaceAll(/\/\/[^/@]*@/g, '//[hidden]@');
}
