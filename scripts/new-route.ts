import './scaffold/from-source.ts';
import { fileURLToPath } from 'node:url';
import { carryOut } from './scaffold/plan.ts';
import { told } from './scaffold/refusal.ts';

// What imports contracts comes after the hook that finds their sources.
const { planRoute, routeUsage } = await import('./scaffold/new-route.ts');

const root = fileURLToPath(new URL('..', import.meta.url));

await told(routeUsage, async () => carryOut(root, await planRoute(root, process.argv.slice(2)), console.log));
