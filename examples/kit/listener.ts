import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type Incoming, PROBLEM_TYPE, type Problem, nameOf } from '#contracts/kernel/index.js';
import type { Database } from './database.js';
import { type Faults, fate, readFaults, spoil } from './faults.js';
import { BadInput, DeclaredError, badInput, problem } from './problem.js';
import type { ProductDefinition } from './product.js';
import { type Random, randomFrom } from './random.js';
import type { ServedOperation } from './serve.js';
import type { Verify } from './user.js';

/** What a listener works with. */
interface Surroundings {
  readonly db: Database;
  /** The key that callers must send. */
  readonly key: string;
  /** Tells for which user a call is made. */
  readonly verify: Verify;
  /** Takes what a developer of the product has to know: a bug, with its stack. */
  readonly log: (line: string) => void;
  /** Aborts when the product closes: what a latency fault holds back is then let go. */
  readonly closing: AbortSignal;
}

/** What a call came to, before any fault. */
type Answer = { readonly ok: true; readonly status: number; readonly value: unknown } | { readonly ok: false; readonly problem: Problem };

/** The header that the user's token comes in. */
const USER_TOKEN_HEADER = 'x-user-token';

/** How Fastify is to type a request: as the contract's reader takes it. */
interface Shape {
  Params: Incoming['params'];
  Querystring: Incoming['query'];
}

/**
 * The HTTP side of a product: every operation of version N at `/vN` and its path, for callers with the key, and with
 * a token for this product where the answer depends on a user by the contract; `/health` and `/faults`, which no fault touches, for anybody on the machine.
 */
export function listener(product: ProductDefinition, { db, key, verify, log, closing }: Surroundings): FastifyInstance {
  const app = fastify({
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 1_000 },
    frameworkErrors: (error, _request, reply) =>
      void sendProblem(reply, problem('bad-request', error.statusCode ?? 400, { detail: error.message })),
  });
  const served = product.serves.flat();
  const names = [...new Set(served.map(({ operation }) => operation.name))];
  const versions = [...new Set(served.map(({ operation }) => operation.version))];
  const authorized = bearer(key);
  const random = randomFrom(`${product.name} faults`);
  let faults: Faults = {};

  app.addHook('onSend', async (_request, reply) => {
    if (closing.aborted) reply.header('connection', 'close');
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, problem('not-found', 404)));
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return sendProblem(reply, problem('bad-request', status, { detail: error.message }));
    log(`${product.name}: ${error.message}`);
    return sendProblem(reply, problem('internal', status));
  });

  app.get('/health', () => ({ status: 'ok', product: product.name, versions }));
  app.get('/faults', () => faults);
  app.delete('/faults', () => (faults = {}));
  app.put('/faults', (request, reply) => {
    const read = readFaults(request.body, names);
    if (!read.ok) return sendProblem(reply, badInput(read.issues));
    return (faults = read.faults);
  });

  for (const one of served) {
    const { name, version, wire } = one.operation;
    app.route<Shape>({
      method: wire.method.toUpperCase(),
      url: `/v${version}${wire.path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      onRequest: async (request, reply) => {
        if (authorized(request.headers.authorization)) return;
        reply.header('www-authenticate', 'Bearer');
        return sendProblem(reply, problem('unauthorized', 401, { detail: 'Expected the key of the product as a bearer token.' }));
      },
      handler: async (request, reply) => {
        const asker = one.operation.dependsOn === 'user' ? await userOf(request, verify) : NOBODY;
        const answered = asker.ok ? await answer(one, request, { db, user: asker.user }, log) : asker;
        const applied = faults.operation === undefined || faults.operation === name ? faults : {};
        return send(answered, reply, applied, random, closing);
      },
    });
  }
  return app;
}

/** For whom a call is made. */
type Asker = { readonly ok: true; readonly user: string | undefined } | { readonly ok: false; readonly problem: Problem };

const NOBODY: Asker = { ok: true, user: undefined };

async function userOf({ headers }: FastifyRequest<Shape>, verify: Verify): Promise<Asker> {
  const token = headers[USER_TOKEN_HEADER];
  if (typeof token !== 'string')
    return { ok: false, problem: problem('user-unknown', 401, { detail: `Expected a token of the user in ${USER_TOKEN_HEADER}.` }) };
  const told = await verify(token);
  return told.ok ? told : { ok: false, problem: problem('user-unknown', told.status, { detail: told.detail }) };
}

async function answer(
  { operation, answer }: ServedOperation,
  request: FastifyRequest<Shape>,
  behind: { readonly db: Database; readonly user: string | undefined },
  log: (line: string) => void,
): Promise<Answer> {
  try {
    const answered = await answer(request, behind);
    if (answered.ok) return { ok: true, status: operation.status, value: answered.value };
    return { ok: false, problem: badInput(answered.issues) };
  } catch (error) {
    if (error instanceof BadInput) return { ok: false, problem: badInput(error.issues) };
    if (error instanceof DeclaredError) return { ok: false, problem: problem(error.code, error.status, { detail: error.detail }) };
    log(`${nameOf(operation)}: ${Error.isError(error) ? error.stack : String(error)}`);
    return { ok: false, problem: problem('internal', 500) };
  }
}

async function send(answer: Answer, reply: FastifyReply, faults: Faults, random: Random, closing: AbortSignal): Promise<FastifyReply> {
  const fated = fate(faults, random);
  const stays = faults.latencyMs === undefined || (await waited(faults.latencyMs, closing));
  if (!stays || fated === 'drop') {
    reply.hijack();
    reply.raw.destroy();
    return reply;
  }
  if (fated !== undefined) return sendProblem(reply, problem('fault', fated, { detail: 'A fault is set on this product.' }));
  if (!answer.ok) return sendProblem(reply, answer.problem);
  reply.code(answer.status);
  if (answer.value === undefined) return reply.send();
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(spoil(answer.value, faults, random)));
}

/** Waits; false where the product closes first. */
const waited = (ms: number, closing: AbortSignal): Promise<boolean> => wait(ms, true, { signal: closing }).catch(() => false);

const sendProblem = (reply: FastifyReply, body: Problem): FastifyReply =>
  reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));

/** Tells in constant time whether a header carries the key: digests have one length, whatever was sent. */
function bearer(key: string): (header: string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${key}`);
  return (header) => timingSafeEqual(digest(header ?? ''), expected);
}
