import type { FastifyRequest } from 'fastify';
import type { ProblemTerms } from './problems.js';

/**
 * What is wrong with a request's framing, or undefined: no or more than one Host (RFC 9112, 3.2), or a body where none is read
 * (a request inside a request, to whoever stands between us and the caller). The connection is closed with the answer, whatever that is.
 */
export function framingFault({ raw, method }: FastifyRequest): ProblemTerms | undefined {
  let hosts = 0;
  for (let i = 0; i < raw.rawHeaders.length; i += 2) {
    const name = raw.rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1 || (hosts === 0 && raw.httpVersion !== '1.0')) return { ...fault, detail: `expected one Host header, got ${hosts}` };
  const { headers } = raw;
  const hasBody =
    headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0');
  if (hasBody && (method === 'GET' || method === 'HEAD' || method === 'DELETE' || method === 'OPTIONS'))
    return { ...fault, detail: `expected no body with ${method}` };
  return undefined;
}

const fault = {
  status: 400,
  code: 'framing',
  category: 'failure_caller_framing',
  title: 'The request is framed wrongly',
} as const;
