import { DEEPEST } from './nesting.js';
import { type ProblemTerms, type Response, bug, invalid, problem } from './problems.js';

/** No route has this path. */
export const notFound = (traceId: string): Response =>
  problem(traceId, {
    status: 404,
    code: 'notFound',
    category: 'failure_caller_not_found',
    detail: 'no route has this path; /openapi.json lists them all',
  });

/** The path has a route, but not for this method. */
export const methodNotAllowed = (traceId: string, allow: string): Response =>
  problem(traceId, {
    status: 405,
    code: 'method',
    category: 'failure_caller_method',
    detail: `expected one of ${allow}`,
    headers: { allow },
  });

/** What is said where Fastify could not take a request: its body, its path, its size. Anything else is a mistake of ours. */
export function ofServer(traceId: string, error: unknown): Response {
  switch (statusOf(error)) {
    case undefined:
      return bug(traceId);
    case 413:
      return problem(traceId, tooLarge);
    case 414:
      return problem(traceId, {
        status: 414,
        code: 'tooLong',
        category: 'failure_caller_too_long',
        detail: 'a path value is longer than any that a route takes',
      });
    case 415:
      return problem(traceId, {
        status: 415,
        code: 'mediaType',
        category: 'failure_caller_media_type',
        detail: 'expected a body of application/json',
      });
    default:
      return codeOf(error) === 'FST_ERR_BAD_URL'
        ? invalid(traceId, [{ in: 'path', path: '', message: 'expected percent signs to stand before two hex digits of UTF-8' }])
        : invalid(traceId, [
            {
              in: 'body',
              path: '',
              message: `expected well-formed JSON that nests no deeper than ${DEEPEST}, without __proto__ or constructor.prototype`,
            },
          ]);
  }
}

/** What is said where Node could not read a request from a connection. */
export function ofConnection(error: unknown): ProblemTerms {
  switch (codeOf(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        code: 'headTooLarge',
        category: 'failure_caller_head_too_large',
        detail: 'the address and the headers are longer than a request may have',
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return tooLarge;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, code: 'tooSlow', category: 'failure_caller_too_slow', detail: 'the request did not arrive in time' };
    default:
      return { status: 400, code: 'framing', category: 'failure_caller_framing', title: 'The request is framed wrongly' };
  }
}

const tooLarge: ProblemTerms = {
  status: 413,
  code: 'tooLarge',
  category: 'failure_caller_too_large',
  detail: 'the body is larger than a caller may send',
};

/** The 4xx that an error of Fastify's stands for; undefined where it is no caller's mistake. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);
