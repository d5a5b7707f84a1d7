export { Database, json } from './database.js';
export { numbered } from './numbered.js';
export { type PageInput, page } from './page.js';
export { permissionFlags } from './permission.js';
export type { ProductDefinition } from './product.js';
export type { Random } from './random.js';
export { runProduct } from './run.js';
export { serve } from './serve.js';
export { startProduct } from './start.js';
