import { createHash, timingSafeEqual } from 'node:crypto';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { Clock } from '../clock.js';
import { callerAddress } from '../edge/address.js';
import { Gcra } from '../limits/gcra.js';
import { OpsProblem, sendProblem } from './problem.js';

/** The largest body of a change, in bytes. */
const MOST_BYTES = 64 * 1024;

/** The names that a loopback address goes by. */
const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** How often one address may show a token that is none: five times at once, then once a second. */
const GUESSES = { perSecond: 1, burst: 5 };

/** How many addresses that guessed are remembered. */
const MOST_GUESSING = 10_000;

/** Who may reach the ops port. */
export interface OpsAccess {
  /** What every request but those for health has to show. Undefined: nothing, since only this machine reaches the port. */
  readonly token: string | undefined;
  /** What the port is called besides its address and the names of the loopback one, by whatever port. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
}

/** What whatever is rendered of it in a browser may do: nothing but what comes from here. */
const SECURITY = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * The ops port's own Fastify. It answers to its own names and its own address alone, so that no page in an operator's browser reaches
 * it by a name that it made point here (DNS rebinding). It takes no body but JSON, and from a browser no write that is not of its own
 * origin and names its operator in a header: no form and no page of another origin can send that. No other origin may read anything.
 */
export function opsServer(access: OpsAccess): FastifyInstance {
  const instance = fastify({ logger: false, bodyLimit: MOST_BYTES, forceCloseConnections: true });
  instance.removeContentTypeParser('text/plain');
  const ofToken = tokens(access);
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY);
    const problem = ofHost(request, access.hosts) ?? ofToken(request) ?? ofType(request) ?? ofBrowser(request);
    if (!problem) return done();
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    if (problem.status === 429) void reply.header('retry-after', '1');
    sendProblem(reply, problem);
  });
  return instance;
}

/** A name that an operator gave it holds with every port: who stands before it may have another one. */
function ofHost({ host, socket }: FastifyRequest, others: readonly string[]): OpsProblem | undefined {
  const names = new Set([...NAMES, hostOf(socket.localAddress ?? '')]);
  const expected = [...names].map((name) => `${name}:${socket.localPort}`);
  const asked = host.toLowerCase();
  return expected.includes(asked) || others.includes(asked.replace(/:\d+$/, ''))
    ? undefined
    : new OpsProblem(403, 'host', `expected the Host to be one of ${[...expected, ...others].join(', ')}`);
}

/** An address as it stands in a Host; an IPv4 one that came in by IPv6 as itself. */
function hostOf(address: string): string {
  const own = address.replace(/^::ffff:(?=\d+\.)/, '');
  return own.includes(':') ? `[${own}]` : own;
}

/** Looks at the token of a request. Who showed too many that are none is not looked at for a while. */
function tokens({ token, clock }: OpsAccess): (request: FastifyRequest) => OpsProblem | undefined {
  if (token === undefined) return () => undefined;
  const guessing = new Gcra(MOST_GUESSING);
  const expected = digestOf(`Bearer ${token}`);
  return ({ url, headers, socket }) => {
    if (url === '/health/live' || url === '/health/ready') return undefined;
    const address = callerAddress(socket.remoteAddress, undefined, 0);
    if (guessing.remaining(address, GUESSES, clock.now()) < 1)
      return new OpsProblem(429, 'guessing', 'too many tokens that are none; try again in a second');
    if (timingSafeEqual(digestOf(headers.authorization ?? ''), expected)) return undefined;
    if (headers.authorization !== undefined) guessing.admit(address, GUESSES, clock.now());
    return new OpsProblem(401, 'token', 'expected Authorization: Bearer with the token of this port (OPS_TOKEN)');
  };
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const isRead = ({ is404, method }: FastifyRequest): boolean => is404 || method === 'GET' || method === 'HEAD';

function ofType(request: FastifyRequest): OpsProblem | undefined {
  if (isRead(request)) return undefined;
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json'
    ? undefined
    : new OpsProblem(415, 'mediaType', 'expected a body of application/json');
}

/** Looks at a write that a browser sends: every browser says where it comes from in one of these headers. */
function ofBrowser(request: FastifyRequest): OpsProblem | undefined {
  const { origin, 'sec-fetch-site': site, 'x-interline-operator': operator } = request.headers;
  if (isRead(request) || (origin === undefined && site === undefined)) return undefined;
  const own = origin === undefined || origin === `http://${request.host}` || origin === `https://${request.host}`;
  if (!own || (site !== undefined && site !== 'same-origin' && site !== 'none'))
    return new OpsProblem(403, 'origin', 'expected a page of this port, or no page at all: no other may write here');
  return operator === undefined
    ? new OpsProblem(403, 'operator', 'expected the header x-interline-operator, which says who writes and which no form can send')
    : undefined;
}
