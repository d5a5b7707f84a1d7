import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { METHODS } from 'node:http';
import type { Edge } from '../edge/edge.js';
import { noContent } from '../edge/problems.js';
import type { PassThrough } from './pass-through.js';

/** Methods that are not handed through: TRACE would show the caller our credential, CONNECT is no request for a resource. */
const REFUSED: ReadonlySet<string> = new Set(['CONNECT', 'TRACE']);

/**
 * Registers the pass-through products: everything below `/products/{product}/`, and below their mounts. Nothing else is in
 * their way but the router: whatever has a more exact route is answered there.
 */
export function passThroughRoutes(instance: FastifyInstance, edge: Edge, products: readonly PassThrough[]): void {
  if (products.length === 0) return;
  const methods = METHODS.filter((method) => !REFUSED.has(method));
  for (const method of methods) if (!instance.supportedMethods.includes(method)) instance.addHttpMethod(method, { hasBody: true });
  for (const product of products) {
    below(`/products/${product.name}`, product);
    const { mount } = product.terms;
    if (mount !== undefined) below(mount === '/' ? '' : mount, product);
  }

  function below(place: string, product: PassThrough): void {
    const passed = product.under(place.split('/').length - 1);
    // It answers before anything is read of the body: the bytes go on as they come, whatever their type.
    const pass: onRequestHookHandler = (request, reply) => {
      // Whether a page may ask is for the gateway to say, where it says so at all; what it may ask, nobody here knows.
      const preflight = request.method === 'OPTIONS' ? edge.cors.preflight(request, '*', ['*']) : undefined;
      if (preflight) edge.refuse(request, reply, () => noContent(preflight));
      else edge.answer(passed, request, reply);
    };
    for (const url of [place || '/', `${place}/*`])
      instance.route({ method: methods, url, onRequest: pass, handler: (request, reply) => edge.answer(passed, request, reply) });
  }
}
