import { fastify } from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readInput } from '#contracts/kernel/index.js';
import { provenanceOf } from '#src/cache/provenance.js';
import { run } from '#src/composition/run.js';
import { compose } from '#src/edge/compose.js';
import { framingFault } from '#src/edge/framing.js';
import { Inbound } from '#src/edge/inbound.js';
import { envelope } from '#src/edge/success.js';
import type { Outcome } from '#src/upstream/answer.js';
import type { Call } from '#src/upstream/call.js';
import { received } from '#src/upstream/checked.js';
import { Said } from '#src/upstream/said.js';
import { items } from '../harness/items.ts';
import { type CostTerms, type Subject, costs } from './cost.ts';
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
    { name: 'of that, the check of the output', once: () => prepared.checkOutput(composed.data, (place) => parts[place]?.outcomes ?? []) },
    { name: 'provenance of the parts', once: () => provenanceOf(parts, clock.date()) },
    { name: 'envelope: written as JSON, ETag', once: () => envelope(composed, prepared, provenanceOf(parts, clock.date()), false, {}) },
    ...(await keptSteps(stage, fixed)),
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

/** Where the configuration keeps composed answers: how one is found again, in place of composing. */
async function keptSteps({ gateway, prepared }: Stage, inbound: Inbound): Promise<readonly Subject[]> {
  const { snapshot } = gateway.policy;
  if (snapshot.route(KEPT).cache.freshMs === 0) return [];
  const again = new Inbound(KEPT, inbound.request, inbound.reply, gateway.terms.clock.now());
  const find = (): unknown => compose(gateway.edge.terms, prepared(KEPT), { itemId: 'i-0001' }, again, snapshot);
  await find(); // from the products, once
  return [{ name: 'instead of composing: a kept answer (W4)', once: find }];
}

/** What a part comes to that was answered in these words and read whole. */
function ready(value: unknown): Outcome {
  const text = JSON.stringify(value ?? null);
  const headers = { date: new Date().toUTCString() };
  return { ok: true, value: JSON.parse(text), answer: received(200, headers, JSON.parse(text), new Said(text, Buffer.from(text))) };
}

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
