import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare } from './harness/compare.ts';
import { halfLoad } from './harness/half-load.ts';
import { items } from './harness/items.ts';
import { loader } from './harness/load.ts';
import { isPinned, machine } from './harness/machine.ts';
import { memory, soak } from './harness/memory.ts';
import { parts } from './harness/parts.ts';
import { against } from './harness/peers.ts';
import { printer } from './harness/print.ts';
import { profile } from './harness/profile.ts';
import { versions } from './harness/versions.ts';
import { workers } from './harness/workers.ts';

// Measures the gateway side by side with others, and by itself:
// `npm run bench`, `npm run bench -- W2 W7 --against bare --rounds 3`, `npm run bench -- all --against peers --record`.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string', default: 'some' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    'warm-up': { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    minutes: { type: 'string', default: '10' },
    profile: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const works = [...new Set(items.map(({ name }) => name.split(' ')[0] ?? ''))];
const others = ['half-load', 'parts', 'memory', 'workers', 'soak'];
const peers = against[values.against];
const numbers = [values.rounds, values.seconds, values['warm-up'], values.connections, values.minutes].map(Number);
const [rounds, seconds, warmUp, connections, minutes] = numbers;
const unknown = positionals.filter((name) => name !== 'all' && !works.includes(name) && !others.includes(name));
if (!peers || unknown.length > 0 || !rounds || !seconds || !warmUp || !connections || !minutes) {
  console.error(`expected any of ${[...works, ...others].join(', ')}, or all; --against ${Object.keys(against).join('|')}; --rounds,
--seconds, --warm-up, --connections and --minutes with a number each; --profile, --record; got ${process.argv.slice(2).join(' ')}`);
  process.exit(2);
}

const { print, text } = printer();
print('# Results\n');
print(`${new Date().toISOString()} · ${machine()} · ${versions(peers)}\n`);
print(
  `${loader}, ${connections} connections, ${warmUp} s to warm up, ${rounds} rounds of ${seconds} s in turn, medians${isPinned() ? '' : '; NOT PINNED to cores'}`,
);

const isAsked = (name: string): boolean => positionals.includes('all') || positionals.includes(name);
const chosen = items.filter(({ name }) => positionals.length === 0 || isAsked(name.split(' ')[0] ?? ''));
const terms = { rounds, seconds, connections, warmUp };
let below = 0;
if (values.profile) await profile(print, chosen, terms);
else if (chosen.length > 0) below += await compare(print, { ...terms, items: chosen, peers });
if (positionals.length === 0 || isAsked('half-load')) below += await halfLoad(print, terms);
if (isAsked('parts')) await parts(print);
if (isAsked('memory')) below += await memory(print, terms);
if (isAsked('workers')) below += await workers(print, terms);
if (isAsked('soak')) below += await soak(print, { minutes, connections });
print(below === 0 ? '\nevery figure keeps its floor' : `\n${below} below the floor`);
if (values.record) writeFileSync(fileURLToPath(new URL('RESULTS.md', import.meta.url)), text());
process.exitCode = below === 0 ? 0 : 1;
