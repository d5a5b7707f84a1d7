import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Gateway } from '../gateway.js';
import { OpsProblem, sendProblem } from './problem.js';

/** Answers whatever is thrown on the ops port with a problem; mistakes of ours are in the log, and only there. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly gateway: Gateway) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error);
    if (problem.status >= 500) this.gateway.terms.log.error({ err: problem.cause ?? error }, `ops: ${problem.detail}`);
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), problem);
  }
}

function problemOf(error: unknown): OpsProblem {
  if (error instanceof OpsProblem) return error;
  const status = error instanceof HttpException ? error.getStatus() : 500;
  switch (status) {
    case 400:
      return new OpsProblem(400, 'invalid', 'expected a body of well-formed JSON');
    case 404:
      return new OpsProblem(404, 'notFound', 'nothing has this path; /ops/openapi.json lists what there is');
    case 413:
      return new OpsProblem(413, 'tooLarge', 'the body is larger than any change may be');
    case 429:
      return new OpsProblem(429, 'limited', 'too many changes in a short time; Retry-After says when to come again');
    case 500:
      return new OpsProblem(500, 'internal', 'internal error: the log tells more');
    default:
      return new OpsProblem(status, 'refused', error instanceof Error ? error.message : 'refused');
  }
}
