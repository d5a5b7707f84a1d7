import { fileURLToPath } from 'node:url';
import { planProduct, productUsage } from './scaffold/new-product.ts';
import { carryOut } from './scaffold/plan.ts';
import { told } from './scaffold/refusal.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

await told(productUsage, () => carryOut(root, planProduct(root, process.argv.slice(2)), console.log));
