import type { ProductDefinition } from '../../kit/index.js';
import { migrations } from './migrations.js';
import { seed } from './seed.js';
import { v1 } from './v1.js';

/** Generated websites, each a tree of components. */
export const clickaiProduct: ProductDefinition = {
  name: 'clickai',
  port: 4107,
  keyVariable: 'CLICKAI_API_KEY',
  migrations,
  seed,
  serves: [v1],
};
