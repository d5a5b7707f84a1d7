import { type InputIssue, type Problem, problemType } from '#contracts/kernel/index.js';

/** An error that the contract declares, on its way out of a handler. */
export class DeclaredError extends Error {
  override readonly name = 'DeclaredError';
  readonly code: string;
  readonly status: number;
  readonly detail: string | undefined;

  constructor(code: string, status: number, detail: string | undefined) {
    super(code);
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** An input that its schema let through and that is wrong all the same. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
  readonly issues: readonly InputIssue[];

  constructor(issues: readonly InputIssue[]) {
    super('bad input');
    this.issues = issues;
  }
}

/** The problem with this code; its title is the code in words: `userNotFound` is "user not found". */
export function problem(code: string, status: number, more: Partial<Pick<Problem, 'detail' | 'errors'>> = {}): Problem {
  const title = code.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('-', ' ');
  return { type: problemType(code), title, status, code, ...more };
}

/** The problem of an input that can't be read. */
export const badInput = (issues: readonly InputIssue[]): Problem => problem('bad-input', 400, { errors: [...issues] });
