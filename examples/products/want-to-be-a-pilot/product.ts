import type { ProductDefinition } from '../../kit/index.js';
import { migrations } from './migrations.js';
import { seed } from './seed.js';
import type { Gateway } from './theory.js';
import { v1 } from './v1.js';

/** Training plans for pilots. Asks for progress in the theory through the gateway. */
export const wantToBeAPilotProduct = (gateway: Gateway): ProductDefinition => ({
  name: 'want-to-be-a-pilot',
  port: 4103,
  keyVariable: 'WANT_TO_BE_A_PILOT_API_KEY',
  migrations,
  seed,
  serves: [v1(gateway)],
});
