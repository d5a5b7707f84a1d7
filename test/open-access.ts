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
