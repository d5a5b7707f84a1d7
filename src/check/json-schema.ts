import { z } from 'zod';
import { GatewayConfig } from '../policy/schema.js';

/** The JSON Schema (2020-12) of `gateway.yaml` as it is written, for editors: with the meaning and the default of each key. */
export const jsonSchema = (): object => ({
  title: 'gateway.yaml',
  description: 'The products, where they are, and how they are called. Printed by `npm run check -- --schema`.',
  ...z.toJSONSchema(GatewayConfig, { io: 'input' }),
});
