import { type Authenticate as Tell, type Caller, type Refused, isRefused } from '../identity/authenticate.js';
import { Credential } from '../policy/credential.js';
import type { Identity } from '../upstream/call.js';
import type { Authenticate } from './gate.js';
import type { ProblemTerms } from './problems.js';

/** Nobody in particular. */
const NOBODY: Identity = { consumer: undefined, user: undefined };

/** Proves who calls by the credentials of a request, and says what is wrong with them as a problem. */
export const authenticating =
  (tell: Tell): Authenticate =>
  ({ raw }) => {
    const found = tell(raw.rawHeaders);
    return found instanceof Promise ? found.then(proven) : proven(found);
  };

const proven = (found: Caller | Refused): Identity | ProblemTerms => (isRefused(found) ? refused(found) : identityOf(found));

function identityOf({ consumer, user, scopes }: Caller): Identity {
  if (user === undefined) return consumer === undefined ? NOBODY : { consumer, user: undefined, scopes };
  return { consumer, user: user.subject, issuer: user.issuer, scopes, token: new Credential(user.token) };
}

const refused = ({ status, code, detail, headers, retryAfter }: Refused): ProblemTerms => ({
  status,
  code,
  category: status === 401 ? 'failure_caller_unauthenticated' : 'failure_local_unauthenticated',
  title: status === 401 ? 'The credential is not accepted' : 'Nobody can be told apart for now',
  detail,
  headers,
  retryAfter,
});
