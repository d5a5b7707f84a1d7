import { STATUS_CODES } from 'node:http';
import { type Failure, type InputIssue, type Problem, PROBLEM_TYPE, failures, problemType } from '#contracts/kernel/index.js';

/**
 * Why a request ended as it did: its one category in metrics and logs. Success or failure, and whose failure: the
 * caller's, a product's, or our own.
 */
export type Category = `success_${'complete' | 'incomplete' | 'not_modified'}` | `failure_${'caller' | 'product' | 'local'}_${string}`;

/** A whole answer, ready to go. */
export interface Response {
  readonly status: number;
  readonly category: Category;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a problem is made of. */
export interface ProblemTerms {
  readonly status: number;
  readonly code: string;
  readonly category: Category;
  readonly title?: string;
  readonly detail?: string;
  readonly product?: string;
  readonly part?: string;
  readonly retryAfter?: number | undefined;
  readonly errors?: readonly InputIssue[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that says what went wrong (RFC 9457). It is never stored by anybody. */
export function problem(traceId: string, terms: ProblemTerms): Response {
  const { status, code, category, headers, errors, retryAfter, title, ...rest } = terms;
  const body: Problem = {
    type: problemType(code),
    title: title ?? STATUS_CODES[status] ?? 'Error',
    status,
    code,
    ...rest,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(errors === undefined ? {} : { errors: [...errors] }),
    traceId,
  };
  return {
    status,
    category,
    type: PROBLEM_TYPE,
    body: JSON.stringify(body),
    headers: {
      'cache-control': 'no-store',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
      ...headers,
    },
  };
}

/** Something is wrong with the input: every issue, place by place. */
export const invalid = (traceId: string, errors: readonly InputIssue[]): Response =>
  problem(traceId, {
    status: 400,
    code: 'invalid',
    category: 'failure_caller_invalid',
    title: 'The request does not fit the contract',
    errors,
  });

/** An error that the contract declares. */
export const declared = (traceId: string, code: string, status: number, retryAfter?: number, headers: Response['headers'] = {}): Response =>
  problem(traceId, { status, code, category: 'failure_caller_declared', retryAfter, headers });

/** A call that the answer needed failed: the table of failures decides the status. */
export function failed(traceId: string, failure: Failure, part?: string, headers?: Response['headers']): Response {
  const { kind, product, message, retryAfter } = failure;
  if (kind === 'declared' && failure.error !== undefined && failure.status !== undefined)
    return declared(traceId, failure.error, failure.status, retryAfter, headers);
  const { status, title } = failures[kind];
  return problem(traceId, {
    status,
    code: kind,
    category: categoryOf(failure),
    title,
    detail: message,
    product,
    ...(part === undefined ? {} : { part }),
    retryAfter: status === 503 ? (retryAfter ?? 1) : undefined,
  });
}

/** A success without a body. */
export const noContent = (headers: Readonly<Record<string, string>>): Response => ({
  status: 204,
  category: 'success_complete',
  type: 'application/json; charset=utf-8',
  body: '',
  headers,
});

/** A mistake of ours: nothing of it is shown but the trace, by which the log tells the rest. */
export const bug = (traceId: string): Response =>
  problem(traceId, {
    status: 500,
    code: 'internal',
    category: 'failure_local_bug',
    title: 'Internal error',
    detail: 'the log tells more, by the trace id',
  });

function categoryOf({ kind }: Failure): Category {
  switch (kind) {
    case 'cancelled':
      return 'failure_caller_cancelled';
    case 'open':
    case 'limited':
    case 'busy':
    case 'budget':
      return `failure_local_${kind}`;
    default:
      return `failure_product_${kind}`;
  }
}
