import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { type AnyRoute, shapeOf } from '#contracts/kernel/index.js';
import type { Answerable, Edge } from './edge.js';
import { type Response, bug, invalid, problem } from './problems.js';

/** A contract's path template as the router writes it: `/orders/{orderId}` is `/orders/:orderId`. */
export const routerPath = (template: string): string => template.replaceAll(/\{(\w+)\}/g, ':$1');

/** Where a product's own operation is answered. */
export const relayPath = (product: string, version: number, template: string): string => `/products/${product}/v${version}${template}`;

/** Registers the products' own routes: exactly the operations of their contracts. */
export function relayRoutes(instance: FastifyInstance, edge: Edge, relayed: readonly Answerable[]): void {
  for (const route of relayed) {
    if (!('endpoint' in route)) continue;
    const { product, version, wire } = route.endpoint.operation;
    instance.route({
      method: wire.method.toUpperCase(),
      url: routerPath(relayPath(product, version, wire.path)),
      handler: (request, reply) => edge.answer(route, request, reply),
    });
  }
}

const ALL: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Registers, beside the methods that a path has, what says so: OPTIONS with `Allow`, 405 for the others. */
export function otherMethods(instance: FastifyInstance, edge: Edge, composed: readonly AnyRoute[], relayed: readonly Answerable[]): void {
  const paths = new Map<string, { readonly url: string; readonly has: Set<string> }>();
  const add = (method: string, template: string): void => {
    const shape = shapeOf(template);
    const path = paths.get(shape) ?? { url: routerPath(template), has: new Set<string>() };
    path.has.add(method.toUpperCase());
    if (method === 'get') path.has.add('HEAD');
    paths.set(shape, path);
  };
  for (const { wire } of composed) add(wire.method, wire.path);
  for (const route of relayed)
    if ('endpoint' in route)
      add(route.wire.method, relayPath(route.endpoint.operation.product, route.endpoint.operation.version, route.wire.path));
  for (const { url, has } of paths.values()) {
    const allow = [...has, 'OPTIONS'].join(', ');
    instance.route({ method: 'OPTIONS', url, handler: (_, reply) => reply.code(204).header('allow', allow).send() });
    const rest = ALL.filter((method) => method !== 'OPTIONS' && !has.has(String(method)));
    instance.route({
      method: rest,
      url,
      handler: (request, reply) =>
        edge.refuse(request, reply, (traceId) =>
          problem(traceId, {
            status: 405,
            code: 'method',
            category: 'failure_caller_method',
            detail: `expected one of ${allow}`,
            headers: { allow },
          }),
        ),
    });
  }
}

/** What is said to a request that no route takes. */
export const notFound =
  (edge: Edge) =>
  (request: FastifyRequest, reply: FastifyReply): void =>
    edge.refuse(request, reply, (traceId) =>
      problem(traceId, {
        status: 404,
        code: 'notFound',
        category: 'failure_caller_not_found',
        detail: 'no route has this path; /openapi.json lists them all',
      }),
    );

/** What is said to a request that the server itself could not take: its body, its path, its size. */
export const serverError =
  (edge: Edge) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const status = statusOf(error);
    edge.refuse(
      request,
      reply,
      (traceId) => (status === undefined ? bug(traceId) : refusal(traceId, status)),
      status === undefined ? error : undefined,
    );
  };

const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' &&
  error !== null &&
  'statusCode' in error &&
  typeof error.statusCode === 'number' &&
  error.statusCode >= 400 &&
  error.statusCode < 500
    ? error.statusCode
    : undefined;

function refusal(traceId: string, status: number): Response {
  switch (status) {
    case 413:
      return problem(traceId, {
        status,
        code: 'tooLarge',
        category: 'failure_caller_too_large',
        detail: 'the body is larger than a caller may send',
      });
    case 414:
      return problem(traceId, {
        status,
        code: 'tooLong',
        category: 'failure_caller_too_long',
        detail: 'a path value is longer than any that a route takes',
      });
    case 415:
      return problem(traceId, {
        status,
        code: 'mediaType',
        category: 'failure_caller_media_type',
        detail: 'expected a body of application/json',
      });
    default:
      return invalid(traceId, [{ in: 'body', path: '', message: 'expected well-formed JSON in a well-formed request' }]);
  }
}
