import { once } from 'node:events';
import { createServer } from 'node:http';
import { digits, table } from '../harness/figures.ts';
import { bodies } from '../products/bodies.ts';
import { issuer } from '../harness/token.ts';
import { edgeCosts } from './edge.ts';
import { type LayerCost, WHOLE, layerCosts } from './layers.ts';
import { stage } from './stage.ts';

// The cost sheet: what each layer of the stack and each step of the edge costs, without sockets. Started by bench/run.ts.
const [runs, times] = process.argv.slice(2).map(Number);
const terms = { runs: runs ?? 31, times: times ?? 800 };

/** What a layer may cost that has nothing to do, in microseconds. */
const MOST_IDLE_US = 2;

const { jwks, token } = issuer();
const answers = new Map(
  Object.values(bodies).flatMap((product) => Object.entries(product).map(([path, body]) => [path, JSON.stringify(body)])),
);
const products = createServer(({ url = '' }, response) => {
  const path = url.slice('/v1'.length);
  const body = path.endsWith('jwks.json') ? jwks : (answers.get(path) ?? answers.get(path.slice(0, path.lastIndexOf('/') + 1)));
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
});
products.listen(0, '127.0.0.1');
await once(products, 'listening');
const address = products.address();
const productsUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

{
  await using plain = await stage({ all: false, identity: { consumer: undefined, user: undefined }, productsUrl });
  await using full = await stage({ all: true, identity: { consumer: 'shop-front', user: 'u-0001', issuer: 'accounts' }, productsUrl });
  const [off, on] = [await layerCosts(plain, 'item', terms), await layerCosts(full, 'item', terms)];
  console.log(sheet('upstream, µs per call', off, on));
  console.log(`\n${sheet('edge, µs per request', await edgeCosts(plain, undefined, terms), await edgeCosts(full, token, terms))}`);
}
process.exit(0); // a gateway's pulse beats for as long as its process lives

function sheet(what: string, off: readonly LayerCost[], on: readonly LayerCost[]): string {
  const lines = off.map(({ layer, us }) => {
    const full = on.find((other) => other.layer === layer)?.us;
    const tells = what.startsWith('upstream') && layer !== WHOLE && us > MOST_IDLE_US;
    return [layer, digits(us), digits(full ?? Number.NaN), tells ? `over ${MOST_IDLE_US}` : ''];
  });
  return table([what, 'at the defaults', 'every policy on', ''], lines);
}
