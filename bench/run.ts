import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare } from './harness/compare.ts';
import { items } from './harness/items.ts';
import { loader } from './harness/load.ts';
import { isPinned, machine } from './harness/machine.ts';
import { parts } from './harness/parts.ts';
import { against } from './harness/peers.ts';
import { printer } from './harness/print.ts';
import { profile } from './harness/profile.ts';

// Measures the gateway side by side with others, and by itself:
// `npm run bench`, `npm run bench -- W2 W7 --against bare --rounds 3`, `npm run bench -- parts`.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string', default: 'some' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    profile: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const others = { parts } as const;
const known = [...new Set(items.map(({ name }) => name.split(' ')[0] ?? ''))];
const peers = against[values.against];
const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(Number);
const unknown = positionals.filter((name) => !known.includes(name) && !Object.hasOwn(others, name));
if (!peers || unknown.length > 0 || !rounds || !seconds || !connections) {
  console.error(`expected any of ${[...known, ...Object.keys(others)].join(', ')}; --against ${Object.keys(against).join('|')},
--rounds, --seconds and --connections with a number each, --profile, --record; got ${process.argv.slice(2).join(' ')}`);
  process.exit(2);
}

const { print, text } = printer();
print(`${new Date().toISOString()}, ${machine()}, Node ${process.version}, ${loader}`);
print(`${connections} connections, ${rounds} rounds of ${seconds} s in turn, medians${isPinned() ? '' : '; NOT PINNED to cores'}`);

const chosen = items.filter(({ name }) => positionals.length === 0 || positionals.includes(name.split(' ')[0] ?? ''));
let below = 0;
if (values.profile) await profile(print, chosen, { seconds, connections });
else if (chosen.length > 0)
  below += await compare(print, { items: chosen, peers, rounds, seconds, connections, warmUp: Math.min(seconds, 3) });
if (positionals.includes('parts')) await parts(print);
if (values.record) writeFileSync(fileURLToPath(new URL('RESULTS.md', import.meta.url)), text());
process.exitCode = below === 0 ? 0 : 1;
