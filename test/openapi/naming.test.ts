import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';
import { operationNouns, productId, routeId } from '../../src/openapi/naming.js';

it.each([
  ['GET /v1/students/{studentId}/dashboard', 'getStudentDashboard'],
  ['GET /v1/orders/{orderId}', 'getOrder'],
  ['GET /v1/orders', 'getOrders'],
  ['POST /v1/orders', 'postOrders'],
  ['GET /v2/orders', 'getOrdersV2'],
  ['GET /v1/purchase-orders/draft', 'getPurchaseOrdersDraft'],
  ['GET /v1/me', 'getMe'],
  ['GET /v1/companies/{id}/addresses/{no}', 'getCompanyAddress'],
  ['GET /v1/status/{id}', 'getStatus'],
  ['GET /v1/orders/{orderId}/{lineId}', 'getOrderByLineId'],
  ['GET /health', 'getHealth'],
])('calls %s %s', (line, id) => {
  const fields = [...line.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, z.string()]);
  expect(routeId(route(line, { input: z.object(Object.fromEntries(fields)), output: z.object({}), parts: {} }))).toBe(id);
});

it('calls an operation by its product, version and name, and its answer by what it reads', () => {
  const terms = operation({ get: '/users', input: z.object({}), output: z.object({}) });
  const { getUser, gettingStarted, dropUser } = product('auth', 2, { getUser: terms, gettingStarted: terms, dropUser: terms });
  expect(productId(getUser)).toBe('auth.v2.getUser');
  expect([getUser, gettingStarted, dropUser].map(operationNouns)).toEqual([['User', 'GetUser'], ['GettingStarted'], ['DropUser']]);
});
