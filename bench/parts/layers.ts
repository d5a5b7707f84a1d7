import { create } from 'axios';
import { observers } from '#src/observers.js';
import { type Outcome, answered } from '#src/upstream/answer.js';
import type { Next } from '#src/upstream/call.js';
import { type Transported, decode } from '#src/upstream/decode.js';
import { Eventual, type Later } from '#src/upstream/eventual.js';
import { type Surroundings, build, layers } from '#src/upstream/stack.js';

import { bodies } from '../products/bodies.ts';
import { type CostTerms, type Subject, differences } from './cost.ts';
import type { Stage } from './stage.ts';

/** What one layer costs, in microseconds per call. */
export interface LayerCost {
  readonly layer: string;
  readonly us: number;
}

const LINE = 'GET /v1/items/{itemId}';

/** Where the whole stack stands among the costs. */
export const WHOLE = 'the whole stack';

/** What each layer of the stack costs: the stack with it, less the stack without it. A transport answers 1 kB at once. */
export async function layerCosts(stage: Stage, part: string, terms: CostTerms): Promise<readonly LayerCost[]> {
  const around = surroundings(stage);
  const all = layers(around);
  const innermost = decode(around.transport);
  const made = stage.calls(LINE, part);
  const subject = (name: string, stack: Next): Subject => ({ name, once: () => checked(stack(made())) });
  const value: unknown = JSON.parse(body.toString());
  const ready = answered({ status: 200, headers: HEADERS, value });
  const whole = subject(WHOLE, build(all, innermost));
  const without = [
    ...all.map((layer) =>
      subject(
        layer.name,
        build(
          all.filter((other) => other !== layer),
          innermost,
        ),
      ),
    ),
    subject(
      'decode',
      build(all, () => soon(ready)),
    ),
    { name: WHOLE, once: made },
  ];
  const more = await differences(whole, without, terms);
  return without.map(({ name }, i) => ({ layer: name, us: more[i] ?? Number.NaN }));
}

const body = Buffer.from(JSON.stringify(bodies['catalog']?.['/items/']));
const HEADERS = {
  date: new Date().toUTCString(),
  'content-type': 'application/json',
  'content-length': String(body.byteLength),
  connection: 'keep-alive',
};

function surroundings({ gateway }: Stage): Surroundings & Required<Pick<Surroundings, 'transport'>> {
  const { terms, metrics, state } = gateway;
  const { clock, log } = terms;
  const observe = observers(log, metrics, clock);
  const transported = { ok: true, reply: { status: 200, headers: HEADERS, body } } as const;
  return {
    clock,
    random: Math.random,
    http: create(),
    observer: observe.parts,
    meter: observe.calls,
    oneByOne: observe.oneByOne,
    state,
    transport: () => soon<Transported>(transported),
  };
}

/** What comes as the client hands it over: in a microtask. */
function soon<T>(value: T): Eventual<T> {
  const coming = new Eventual<T>();
  queueMicrotask(() => coming.resolve(value));
  return coming;
}

/** A call that fails would be a cheap one. */
function checked(outcome: Outcome | Later): unknown {
  if (!('ok' in outcome)) return outcome.then(checked);
  if (!outcome.ok) throw new Error(`${outcome.failure.kind}: ${outcome.failure.message}`);
  return outcome.value;
}
