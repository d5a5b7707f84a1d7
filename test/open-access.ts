import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ANONYMOUS } from '../src/policy/access.js';
import type { Loaded } from '../src/policy/load.js';
import type { Contracts } from '../src/policy/resolve.js';

/** The same configuration, its routes and products open to everybody where it does not say who may call them. */
export function opened(loaded: Loaded, { routes }: Pick<Contracts, 'routes'>): Loaded {
  const { config } = loaded;
  const access = { consumers: [ANONYMOUS], scopes: [], user: 'optional' as const };
  const lines = routes.map(({ route }) => route.line);
  return {
    ...loaded,
    config: {
      ...config,
      products: Object.fromEntries(Object.entries(config.products).map(([name, product]) => [name, { access, ...product }])),
      routes: Object.fromEntries(
        [...new Set([...Object.keys(config.routes), ...lines])].map((line) => [line, { access, ...config.routes[line] }]),
      ),
    },
  };
}

/** The text of a configuration in which every product and every route may be called by everybody, where it does not say who may. */
export function openText(text: string, routes: readonly string[], consumers: readonly string[] = []): string {
  const document = parseDocument(text);
  const access = { consumers: [ANONYMOUS, ...consumers], user: 'optional' };
  const products = Object.keys(z.object({ products: z.record(z.string(), z.unknown()).nullish() }).parse(document.toJS()).products ?? {});
  const places = [...products.map((name) => ['products', name]), ...routes.map((line) => ['routes', line])];
  for (const place of places)
    if (!document.hasIn([...place, 'access'])) document.setIn([...place, 'access'], document.createNode(access, { flow: true }));
  for (const name of consumers) if (!document.hasIn(['consumers', name])) document.setIn(['consumers', name], {});
  return document.toString({ lineWidth: 0 }).replaceAll('[ ', '[').replaceAll(' ]', ']');
}
