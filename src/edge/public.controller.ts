import { Controller, Req, RequestMapping, RequestMethod, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Composition } from '../composition/composition.js';
import { studentDashboard } from '../compositions/student-dashboard.js';
import { Gateway } from '../gateway.js';
import { routerPath } from './routes.js';

const served = new Set<Composition>();

/** Every composition that has a line in the controller. */
export const hasLine = (composition: Composition): boolean => served.has(composition);

/** Makes a method of a controller answer the route of this composition. */
export function Answers(composition: Composition): MethodDecorator {
  const { method, path } = composition.route.wire;
  served.add(composition);
  return RequestMapping({ path: routerPath(path), method: RequestMethod[method.toUpperCase() as Uppercase<typeof method>] });
}

/** The public routes, a line each. Each hands its request to the edge, which answers with ready bytes. */
@Controller()
export class PublicController {
  constructor(private readonly gateway: Gateway) {}

  @Answers(studentDashboard) studentDashboard(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#answer(studentDashboard, request, reply);
  }

  #answer(composition: Composition, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.gateway.edge.answer(this.gateway.answerable(composition), request, reply);
  }
}
