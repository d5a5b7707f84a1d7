import autocannon from 'autocannon';

// Gives the load where wrk is not installed, and prints what came of it as wrk.lua does:
// `autocannon.ts <url> <connections> <seconds> <path> <number before the first> [<token>]`.
const [url = '', connections = '', seconds = '', path = '', first = '', token] = process.argv.slice(2);
let n = Number(first);
const result = await autocannon({
  url,
  connections: Number(connections),
  duration: Number(seconds),
  timeout: 10,
  requests: [
    {
      method: 'GET',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      setupRequest: (request) => ({ ...request, path: path.replace('{n}', String(++n)) }),
    },
  ],
});
const { latency, non2xx, errors, timeouts, duration, requests } = result;
// It counts answers whole milliseconds long: its quantiles are as coarse.
console.log(
  JSON.stringify({
    requests: requests.total,
    seconds: duration,
    p50: Math.round(latency.p50 * 1000),
    p99: Math.round(latency.p99 * 1000),
    refused: non2xx,
    broken: errors + timeouts,
  }),
);
