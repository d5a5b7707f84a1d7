import { fastify } from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readInput } from '#contracts/kernel/index.js';
import { provenanceOf } from '#src/cache/provenance.js';
import { run } from '#src/composition/run.js';
import { framingFault } from '#src/edge/framing.js';
import { Inbound } from '#src/edge/inbound.js';
import { respond } from '#src/edge/respond.js';
import { envelope } from '#src/edge/success.js';
import { type Outcome, answered } from '#src/upstream/answer.js';
import type { Call } from '#src/upstream/call.js';
import { items } from '../harness/items.ts';
import { type CostTerms, type Subject, costs, differences } from './cost.ts';
import type { LayerCost } from './layers.ts';
import { type Stage, compositionAt } from './stage.ts';

const LINE = 'GET /v1/items/{itemId}';
const KEPT = 'GET /v1/pages/{itemId}';

/** What each step of the edge costs for one request of three parts, in microseconds. */
export async function edgeCosts(stage: Stage, token: string | undefined, terms: CostTerms): Promise<readonly LayerCost[]> {
  const { request, reply } = await captured(token);
  const { gateway } = stage;
  const { edge } = gateway;
  const { clock, gate, observer } = edge.terms;
  const { snapshot } = gateway.policy;
  const policy = snapshot.route(LINE);
  const composition = compositionAt(LINE);
  const prepared = stage.prepared(LINE);
  const inbound = (): Inbound => new Inbound(LINE, request, reply, clock.now());
  const fixed = inbound();
  await gate.atRoute(fixed, policy);
  const data = new Map(Object.entries(dataOf('W2')));
  const outcomes = new Map(prepared.parts.map(({ name, endpoint }) => [endpoint, ready(data.get(name))]));
  const call = ({ endpoint }: Call): Outcome => outcomes.get(endpoint) ?? ready(undefined);
  const input = { itemId: 'i-0001' };
  const { composed, parts } = await run(prepared, input, stage.scope(LINE), call, clock);
  if (composed.kind !== 'answer') throw new Error(`expected an answer, got ${composed.kind}`);
  const all = parts.flatMap((part) => part.outcomes);
  const ended = { status: 200, category: 'success_complete', ms: 1, parts: composed.parts, error: undefined } as const;
  const steps: readonly Subject[] = [
    { name: 'trace and request id', once: inbound },
    { name: 'framing', once: () => framingFault(request) },
    { name: 'CORS', once: () => edge.cors.answer(request, reply) },
    { name: 'gate at the head: shed, limit by address, hops', once: () => gate.atHead(request) },
    { name: 'gate at the route: authenticate, authorize, limit by caller', once: () => gate.atRoute(fixed, policy) },
    {
      name: 'read input',
      once: () => readInput(composition.route.wire, composition.route.input, { params: input, query: {}, headers: {}, body: undefined }),
    },
    {
      name: 'compose: run, three parts that are there at once, check of the output',
      once: () => run(prepared, input, stage.scope(LINE), call, clock),
    },
    { name: 'of that, the check of the output', once: () => prepared.checkOutput(composed.data) },
    { name: 'provenance of the parts', once: () => provenanceOf(all, clock.date()) },
    { name: 'envelope: written as JSON, ETag', once: () => envelope(composed, prepared, provenanceOf(all, clock.date()), false) },
    {
      name: 'metrics and log line',
      once() {
        observer.begins();
        observer.ends(fixed, ended);
      },
    },
  ];
  const took = await costs(steps, terms);
  return steps.map(({ name }, i) => ({ layer: name, us: took[i] ?? Number.NaN }));
}

/** What sending costs beyond what Fastify needs for the same bytes, and what a kept answer costs in all. */
export async function sendCosts(stage: Stage, terms: CostTerms): Promise<readonly LayerCost[]> {
  const { edge } = stage.gateway;
  const kept = stage.gateway.answerable(compositionAt(KEPT));
  const body = JSON.stringify({ data: dataOf('W4'), complete: true, parts: {} });
  const response = {
    status: 200,
    category: 'success_complete',
    type: 'application/json; charset=utf-8',
    body,
    headers: { 'cache-control': 'no-cache', etag: '"bench"', 'gateway-complete': '?1' },
  } as const;
  await using app = fastify();
  app.get('/plain', (_, reply) => void reply.code(200).header('content-type', response.type).send(body));
  const bytes = Buffer.from(body);
  app.get('/bytes', (_, reply) => void reply.code(200).header('content-type', response.type).send(bytes));
  app.get('/respond', (request, reply) => void respond(new Inbound(LINE, request, reply, 0), response));
  app.get('/v1/pages/:itemId', (request, reply) => void edge.answer(kept, request, reply));
  const ask = (name: string, url: string): Subject => ({ name, once: async () => checked((await app.inject(url)).statusCode) });
  const [more = Number.NaN] = await differences(ask('headers', '/respond'), [ask('plain', '/plain')], terms);
  const [whole = Number.NaN] = await differences(ask('kept', '/v1/pages/i-0001'), [ask('bytes', '/bytes')], terms);
  return [
    { layer: 'respond: headers, 304 (over Fastify sending the same text)', us: more },
    { layer: 'W4 in all: a kept answer (over Fastify sending the same bytes)', us: whole },
  ];
}

const checked = (status: number): void => {
  if (status !== 200) throw new Error(`answered ${status}`);
};

const ready = (value: unknown): Outcome => answered({ status: 200, headers: { date: new Date().toUTCString() }, value });

function dataOf(name: string): object {
  const answer = items.find((item) => item.name === name)?.answer;
  if (typeof answer !== 'object' || answer === null) throw new RangeError(`no answer of ${name}`);
  return answer;
}

/** A request and a reply as Fastify makes them. */
async function captured(token: string | undefined): Promise<{ readonly request: FastifyRequest; readonly reply: FastifyReply }> {
  let kept: { readonly request: FastifyRequest; readonly reply: FastifyReply } | undefined;
  await using app = fastify();
  app.get('/v1/items/:itemId', (request, reply) => {
    kept = { request, reply };
    return reply.send('');
  });
  await app.inject({
    url: '/v1/items/i-0001',
    headers: { host: '127.0.0.1', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });
  if (!kept) throw new Error('nothing was asked');
  return kept;
}
