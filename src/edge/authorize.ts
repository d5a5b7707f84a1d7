import { ANONYMOUS, type Access } from '../policy/access.js';
import type { Identity } from '../upstream/call.js';
import type { ProblemTerms } from './problems.js';

/**
 * Why a caller may not call a route; undefined where it may. Who has shown nothing is asked to (401); who has shown who it is,
 * and may not, is told so (403). What it lacks is said, who else may is not.
 */
export function forbids({ consumers, scopes, needsUser }: Access, { consumer, user, scopes: own }: Identity): ProblemTerms | undefined {
  if (!consumers.has(consumer ?? ANONYMOUS))
    return consumer === undefined && user === undefined
      ? unauthenticated('this route wants to know who calls: send a key (x-api-key), or a token (Authorization: Bearer)')
      : forbidden(
          consumer === undefined
            ? 'no consumer is known by this token: a route names those that may call it'
            : `${consumer} may not call this route`,
        );
  if (needsUser && user === undefined) return unauthenticated('this route needs a user: send a token (Authorization: Bearer)');
  const lacking = own && scopes.find((scope) => !own.includes(scope));
  return lacking === undefined
    ? undefined
    : forbidden(`the token does not have the scope ${lacking}`, `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`);
}

/** Nobody knows who calls. */
const unauthenticated = (detail: string): ProblemTerms => ({
  status: 401,
  code: 'unauthenticated',
  category: 'failure_caller_unauthenticated',
  title: 'Who calls is not known',
  detail,
  headers: { 'www-authenticate': 'Bearer' },
});

const forbidden = (detail: string, challenge?: string): ProblemTerms => ({
  status: 403,
  code: 'forbidden',
  category: 'failure_caller_forbidden',
  title: 'This caller may not do that',
  detail,
  ...(challenge === undefined ? {} : { headers: { 'www-authenticate': challenge } }),
});
