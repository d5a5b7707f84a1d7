import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@platformatic/gateway';
import { urlOf } from './terms.ts';

// (f) Platformatic's gateway, for W1: started by itself, without the runtime that would run it in a thread beside others.
const folder = mkdtempSync(join(tmpdir(), 'interline-bench-platformatic-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const gateway = await create(folder, {
  $schema: 'https://schemas.platformatic.dev/@platformatic/gateway/3.54.0.json',
  server: { logger: { level: 'warn' } },
  gateway: {
    applications: [{ id: 'catalog', origin: urlOf('catalog'), proxy: { prefix: '/products/legacy', rewritePrefix: '/v1' } }],
    refreshTimeout: 0,
  },
  watch: false,
});
await gateway.init();
const url: unknown = await gateway.start({ listen: true });
console.log(`listening ${new URL(String(url)).port}`);
