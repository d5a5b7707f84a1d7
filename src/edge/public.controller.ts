import { Controller, Delete, Get, Patch, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Composition } from '../composition/composition.js';
import { draftPurchaseOrder } from '../compositions/draft-purchase-order.js';
import { me } from '../compositions/me.js';
import { order } from '../compositions/order.js';
import { orders } from '../compositions/orders.js';
import { studentDashboard } from '../compositions/student-dashboard.js';
import { trip } from '../compositions/trip.js';
import { Gateway } from '../gateway.js';
import { routerPath } from './routes.js';

const served = new Set<Composition>();

/** What is missing here: a line for each of these compositions that has none. */
export const linesMissing = (compositions: readonly Composition[]): readonly string[] =>
  compositions
    .filter((composition) => !served.has(composition))
    .map(({ route }) => `src/edge/public.controller.ts: expected a line for "${route.line}", which has a composition`);

const METHODS = { get: Get, post: Post, put: Put, patch: Patch, delete: Delete };

/** Makes a method of a controller answer the route of this composition: it is given the request and the reply. */
export function Answers(composition: Composition): MethodDecorator {
  const { method, path } = composition.route.wire;
  served.add(composition);
  return (controller, name, descriptor) => {
    Req()(controller, name, 0);
    Res()(controller, name, 1);
    METHODS[method](routerPath(path))(controller, name, descriptor);
  };
}

type Q = FastifyRequest;
type R = FastifyReply;

/** The public routes, a line each: it hands its request to the edge, which answers with ready bytes. */
// oxfmt-ignore
@Controller()
export class PublicController {
  constructor(private readonly gateway: Gateway) {}

  @Answers(draftPurchaseOrder) draftPurchaseOrder(q: Q, r: R) { return this.#answer(draftPurchaseOrder, q, r); }
  @Answers(me)                 me(q: Q, r: R)                 { return this.#answer(me, q, r); }
  @Answers(order)              order(q: Q, r: R)              { return this.#answer(order, q, r); }
  @Answers(orders)             orders(q: Q, r: R)             { return this.#answer(orders, q, r); }
  @Answers(studentDashboard)   studentDashboard(q: Q, r: R)   { return this.#answer(studentDashboard, q, r); }
  @Answers(trip)               trip(q: Q, r: R)               { return this.#answer(trip, q, r); }

  #answer(composition: Composition, request: Q, reply: R): void {
    this.gateway.edge.answer(this.gateway.answerable(composition), request, reply);
  }
}
