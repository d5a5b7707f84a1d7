import { type Wire, writer } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { draftPurchaseOrder } from '#contracts/public/v1/draft-purchase-order.js';
import { me } from '#contracts/public/v1/me.js';
import { order } from '#contracts/public/v1/order.js';
import { orders } from '#contracts/public/v1/orders.js';
import { studentDashboard } from '#contracts/public/v1/student-dashboard.js';
import { trip } from '#contracts/public/v1/trip.js';
import { MONOLITH_NAME, isRecord, operations } from './answers.ts';
import type { Question } from './load.ts';

/** The composed routes. */
export const routes = [draftPurchaseOrder, me, order, orders, studentDashboard, trip];

/** One request of each composed route, each operation of each product, and some of the product that has no contract. */
export const everything: readonly Question[] = [
  ...routes.map(({ wire, input }) => asked(wire, sample(input), '')),
  ...operations.map(({ product, version, wire, input }) => asked(wire, sample(input), `/products/${product}/v${version}`)),
  ...['one', 'two', 'three'].map((name) => ({ path: `/products/${MONOLITH_NAME}/${name}` })),
];

function asked(wire: Wire, input: unknown, prefix: string): Question {
  const outgoing = writer(wire)(isRecord(input) ? input : {});
  if ('message' in outgoing) throw new TypeError(`${wire.path}: ${outgoing.message}`);
  const { path, body, headers } = outgoing;
  return { path: prefix + path, method: wire.method.toUpperCase(), headers, ...(body !== undefined && { body }) };
}
