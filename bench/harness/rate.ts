import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';

// Asks at a constant rate, whatever the answers take, and prints how long they took as a line of JSON. Each is counted from when
// it was due, not from when it went out: a server that stalls is not spared the requests that would have come meanwhile.
const { values } = parseArgs({
  options: { url: { type: 'string' }, rate: { type: 'string' }, seconds: { type: 'string' }, connections: { type: 'string' } },
});
const { url = '' } = values;
const [rate = 0, seconds = 0, connections = 0] = [values.rate, values.seconds, values.connections].map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const all = Math.floor(rate * seconds);
const took = new Float64Array(all);
const { hostname, port } = new URL(url);
const [before = '', after = ''] = url.slice(new URL(url).origin.length).split('{n}');
const FIRST = 500_000_000;
const terms = { agent, hostname, port };
let [sent, answered, failed] = [0, 0, 0];
const began = performance.now();
const { promise: over, resolve: end } = Promise.withResolvers<undefined>();

const came = (n: number, ok: boolean): void => {
  took[n] = performance.now() - began - (n / rate) * 1000;
  if (!ok) failed++;
  if (++answered === all) end(undefined);
};

function ask(n: number): void {
  const asking = request({ ...terms, path: `${before}${FIRST + n}${after}` }, (response) => {
    response.resume();
    response.once('end', () => came(n, response.statusCode === 200));
  });
  asking.once('error', () => came(n, false));
  asking.end();
}

const pace = (): void => {
  const due = Math.min(all, Math.floor(((performance.now() - began) / 1000) * rate));
  while (sent < due) ask(sent++);
  if (sent < all) setImmediate(pace); // a timer would come a millisecond late, and the requests of it in a bunch
};
pace();
await over;
const sorted = took.subarray(Math.floor(all / 5)).sort(); // the first fifth warms up
const quantile = (share: number): number => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN) * 1000;
const line = { requests: all, seconds, p50: quantile(0.5), p99: quantile(0.99), refused: failed, broken: 0 };
console.log(JSON.stringify(line));
process.exit(0);
