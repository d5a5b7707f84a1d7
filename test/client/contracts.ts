import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';

/** What the tests of the client call: a product with each kind of operation. */
export const shop = product('new-pilot-shop', 2, {
  getOrder: operation({
    get: '/orders/{id}',
    input: z.object({ id: z.string(), fields: z.array(z.string()).optional(), language: z.string().optional() }),
    headers: { language: 'accept-language' },
    output: z.object({ id: z.string(), total: z.number(), lines: z.array(z.object({ sku: z.string(), price: z.number() })) }),
    errors: { orderNotFound: 404, orderLocked: 409 },
    absent: 'orderNotFound',
  }),
  placeOrder: operation({
    post: '/customers/{customerId}/orders',
    input: z.object({ customerId: z.string(), lines: z.array(z.string()) }),
    output: z.object({ id: z.string() }),
    status: 201,
  }),
  quote: operation({
    post: '/quotes',
    input: z.object({ lines: z.array(z.string()) }),
    output: z.object({ id: z.string() }),
    repeatable: true,
  }),
  forgetOrder: operation({ delete: '/orders/{id}', input: z.object({ id: z.string() }), output: z.undefined() }),
});

/** A composed route with a required and an optional part. */
export const dashboard = route('GET /v1/students/{studentId}/dashboard', {
  input: z.object({ studentId: z.string() }),
  output: z.object({ name: z.string(), orders: z.array(z.object({ id: z.string() })).nullable() }),
  errors: { studentNotFound: 404 },
  parts: { student: 'required', orders: 'optional' },
});
