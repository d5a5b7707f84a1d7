import type { ProductDefinition } from '../../kit/index.js';
import { migrations } from './migrations.js';
import { seed } from './seed.js';
import { v1 } from './v1.js';

/** A marketplace where travelling families rent baby gear. */
export const babonboProduct: ProductDefinition = {
  name: 'babonbo',
  port: 4106,
  keyVariable: 'BABONBO_API_KEY',
  migrations,
  seed,
  serves: [v1],
};
