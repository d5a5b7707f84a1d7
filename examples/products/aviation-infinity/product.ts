import type { ProductDefinition } from '../../kit/index.js';
import { migrations } from './migrations.js';
import { seed } from './seed.js';
import { v1 } from './v1.js';
import { v2 } from './v2.js';

/** Exam preparation for pilots. Both versions of its API are served from one set of tables. */
export const aviationInfinityProduct: ProductDefinition = {
  name: 'aviation-infinity',
  port: 4102,
  keyVariable: 'AVIATION_INFINITY_API_KEY',
  migrations,
  seed,
  serves: [v1, v2],
};
