import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { PROBLEM_TYPE, problemType } from '#contracts/kernel/index.js';
import type { Problem, Refusal } from '../policy/refusal.js';

/** Why an operator's request is not done: thrown by controllers, answered as a problem. */
export class OpsProblem extends Error {
  override readonly name = 'OpsProblem';
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors?: readonly Problem[],
    cause?: unknown,
  ) {
    super(detail, { cause });
  }
}

const STATUSES: Readonly<Record<Refusal['refused'], number>> = {
  race: 412,
  unknown: 422,
  bounds: 422,
  value: 422,
  misfit: 422,
  moved: 422,
  missing: 422,
  store: 503,
};

/** A refused change, as its operator is told. */
export function ofRefusal({ refused, problems, cause }: Refusal): OpsProblem {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const detail = `${[first?.path, first?.message].filter(Boolean).join(': ')}${more}`;
  return new OpsProblem(STATUSES[refused], refused, detail, problems, cause);
}

/** Answers with a problem (RFC 9457). */
export function sendProblem(reply: FastifyReply, { status, code, detail, errors }: OpsProblem): void {
  const title = STATUS_CODES[status] ?? 'Error';
  void reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify({ type: problemType(code), title, status, code, detail, errors }));
}
