import { z } from 'zod';
import { type AnyOperation, operation, product } from '#contracts/kernel/index.js';
import { Call, type Scope } from '../../../src/upstream/call.js';
import { endpoints } from '../../../src/upstream/endpoint.js';
import { Target } from '../../../src/upstream/target.js';

/** Another product than the shop. */
const depot = product('depot', 1, {
  getShelf: operation({ get: '/shelf', input: z.object({}), output: z.json() }),
});
const operations: readonly AnyOperation[] = Object.values(depot);
const nowhere = new Target({ urls: [], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });
const known = endpoints(operations, () => nowhere);

/** A call to another product than the shop. */
export function depotCall(by: Scope): Call {
  const endpoint = known.get(depot.getShelf);
  if (!endpoint) throw new RangeError('no endpoint for getShelf');
  return new Call(endpoint, {}, { path: '/shelf', headers: {}, body: undefined }, by, undefined, by.cancellation);
}
