import { after } from './load.ts';
import { areSlow, ways } from './slow-callers.ts';

// Slow callers in a process of their own, so that what they cost is not in the times of others. It prints what became of them.
const { WAY, PORT, CONNECTIONS, LENGTH_MS } = process.env;
const way = ways.find(({ name }) => name === WAY);
if (!way) throw new RangeError(`expected a way to be slow, got ${WAY}`);
console.log(JSON.stringify(await areSlow(way, Number(PORT), Number(CONNECTIONS), after(Number(LENGTH_MS)))));
process.exit(0);
