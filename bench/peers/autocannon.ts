import autocannon from 'autocannon';

// Gives the load where wrk is not installed, and prints what came of it as wrk.lua does:
// `autocannon.ts <url> <connections> <seconds> [<token> <number of the first item>]`.
const [url = '', connections = '', seconds = '', token, first] = process.argv.slice(2);
let item = Number(first);
const asked = new URL(url);
const result = await autocannon({
  url: asked.origin,
  connections: Number(connections),
  duration: Number(seconds),
  timeout: 10,
  requests: [
    token === undefined
      ? { method: 'GET', path: asked.pathname + asked.search }
      : {
          method: 'GET',
          headers: { authorization: `Bearer ${token}` },
          setupRequest: (request) => ({ ...request, path: `/v1/items/i-${++item}` }),
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
