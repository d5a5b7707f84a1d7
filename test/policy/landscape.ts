import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';
import { parse } from '../../src/policy/load.js';
import { type OverridesStore, overridesInMemory } from '../../src/policy/overrides.js';
import { type KnobState, Policy } from '../../src/policy/policy.js';
import { type Refusal, isRefusal } from '../../src/policy/refusal.js';
import type { Step } from '../../src/policy/overrides.js';
import type { Contracts } from '../../src/policy/resolve.js';
import type { Clock } from '../../src/clock.js';
import { handClock } from '../hand-clock.js';

const none = z.object({});
const auth = product('auth', 1, {
  getUser: operation({ get: '/users/{id}', input: z.object({ id: z.string() }), output: none }),
  getKeys: operation({ get: '/keys', input: none, output: none }),
});
const shop = product('shop', 1, { listOrders: operation({ get: '/orders', input: none, output: none }) });

/** Two products, and one route that calls one operation of each. */
export const contracts: Contracts = {
  consumers: [],
  operations: [...Object.values(auth), ...Object.values(shop)],
  routes: [
    {
      route: route('GET /v1/me', { input: none, output: none, parts: { user: 'required' } }),
      operations: [auth.getUser, shop.listOrders],
    },
  ],
};

/** Who may call: everybody. */
const OPEN = 'access: { consumers: [anonymous] }';

/** A gateway.yaml for them, with more lines at its top level. */
export const yaml = (more = '', auth = ''): string => `defaults:
  product: { deadline: 500ms, cache: { fresh: 1s } }
  route: { deadline: 2s }
bounds:
  cache.fresh: { max: 1h }
  deadline: { min: 10ms, max: 10s }
products:
  auth: { urls: ['http://127.0.0.1:1'], access: { consumers: [anonymous] }, ${auth} }
  shop: { urls: ['http://127.0.0.1:2'], access: { consumers: [anonymous] } }
${more}${more === '' || more.endsWith('\n') ? '' : '\n'}routes: { GET /v1/me: { ${OPEN} } }
`;

/** A policy over them, its clock moved by hand. */
export function policyOver({
  text = yaml(),
  store = overridesInMemory(),
  clock = handClock(),
}: { text?: string; store?: OverridesStore; clock?: Clock } = {}): Policy & Disposable {
  const policy = new Policy(parse(text, 'gateway.yaml'), contracts, {}, store, clock);
  return Object.assign(policy, { [Symbol.dispose]: () => policy.close() });
}

/** What is known of one knob. */
export function knobOf(policy: Policy, path: string): KnobState {
  const found = [...policy.values()].find(({ address }) => address.path === path);
  if (!found) throw new RangeError(`no knob ${path}`);
  return found;
}

/** Turns knobs as an operator does who has just looked. */
export function turn(
  policy: Policy,
  changes: Readonly<Record<string, string | number | null>>,
  expiresMs?: number,
): Promise<Step | Refusal> {
  return policy.change({ changes, who: 'ada', reason: 'a test', expiresMs }, [policy.snapshot.revision]);
}

/** The step that was made; what was refused is an error. */
export async function done(result: Promise<Step | Refusal>): Promise<Step> {
  const found = await result;
  if (isRefusal(found)) throw new Error(JSON.stringify(found));
  return found;
}
