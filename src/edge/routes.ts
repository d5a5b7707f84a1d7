import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { type AnyRoute, type Wire, shapeOf } from '#contracts/kernel/index.js';
import type { Answerable } from './answerable.js';
import type { Edge } from './edge.js';
import { noContent } from './problems.js';
import { methodNotAllowed } from './refusals.js';

/** A contract's path template as the router writes it: `/orders/{orderId}` is `/orders/:orderId`. */
export const routerPath = (template: string): string => template.replaceAll(/\{(\w+)\}/g, ':$1');

/** Where a product's own operation is answered. */
const relayPath = (product: string, version: number, template: string): string => `/products/${product}/v${version}${template}`;

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
  const paths = new Map<string, { readonly url: string; readonly has: Set<string>; readonly named: Set<string> }>();
  const add = ({ method, inHeaders }: Wire, template: string): void => {
    const shape = shapeOf(template);
    const path = paths.get(shape) ?? { url: routerPath(template), has: new Set<string>(), named: new Set<string>() };
    path.has.add(method.toUpperCase());
    for (const { wire } of inHeaders) path.named.add(wire);
    if (method === 'get') path.has.add('HEAD');
    paths.set(shape, path);
  };
  for (const { wire } of composed) add(wire, wire.path);
  for (const route of relayed)
    if ('endpoint' in route)
      add(route.wire, relayPath(route.endpoint.operation.product, route.endpoint.operation.version, route.wire.path));
  for (const { url, has, named } of paths.values()) {
    const allow = [...has, 'OPTIONS'].join(', ');
    const options = (request: FastifyRequest, reply: FastifyReply): void =>
      edge.refuse(request, reply, () => noContent({ allow, ...edge.cors.preflight(request, allow, named) }));
    instance.route({ method: 'OPTIONS', url, handler: options });
    const rest = ALL.filter((method) => method !== 'OPTIONS' && !has.has(String(method)));
    const refuse = (request: FastifyRequest, reply: FastifyReply): void =>
      edge.refuse(request, reply, (traceId) => methodNotAllowed(traceId, allow));
    instance.route({ method: rest, url, handler: refuse });
  }
}

/** How long others may keep the gateway's keys, in seconds: a new key is published that much before it signs. */
const KEYS_FRESH_S = 300;

/** Publishes the keys that verify the tokens which are minted for products (RFC 7517), for everybody. */
export function publishKeys(instance: FastifyInstance, keys: () => unknown): void {
  instance.route({
    method: 'GET',
    exposeHeadRoute: true,
    url: '/.well-known/jwks.json',
    handler: (_, reply) =>
      reply.header('cache-control', `public, max-age=${KEYS_FRESH_S}`).type('application/jwk-set+json').send(JSON.stringify(keys())),
  });
}
