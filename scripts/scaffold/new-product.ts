import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addProduct, consumersIn, mayCall, ports } from './gateway-yaml.ts';
import { nameOf, plural, refuseTaken } from './name.ts';
import { type Plan, read, refuseExisting } from './plan.ts';
import { contractTestText, contractText } from './product-text.ts';
import { Refusal } from './refusal.ts';
import { addToLandscape, mainText, sampleTestText, sampleText } from './sample-text.ts';

/** How the scaffold is called. */
export const productUsage = `npm run new:product -- <name> [--entity <what it keeps>] [--sample]
  <name>     the product, like flight-school
  --entity   one of what it keeps, like lesson; "item" where it is left out
  --sample   with a sample product in examples/products/, which npm start starts too`;

const FIRST_PORT = 4108; // those before are the sample products'

/** What the generated files import or declare besides. */
const TAKEN =
  'client describe expect fakeProduct gateway id it many numbered one operation optional other product running serve testGateway uses z';

/**
 * Plans a product: its contract, its entry in gateway.yaml, a test and, if asked for, a sample of it.
 * @throws Refusal where it is there already, or can't be called so.
 */
export function planProduct(root: string, args: readonly string[]): Plan {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { entity: { type: 'string', default: 'item' }, sample: { type: 'boolean', default: false } },
  });
  const [given, more] = positionals;
  if (given === undefined || more !== undefined) throw new Refusal(`expected one name of a product, got ${positionals.length}`);
  const product = nameOf(given, 'product');
  const one = nameOf(values.entity, 'entity');
  refuseTaken(product.camel, 'product', `${TAKEN} ${one.camel}Id`);
  if (existsSync(join(root, `contracts/products/${product.kebab}`)))
    throw new Refusal(`contracts/products/${product.kebab}: there already; for a new version copy its latest file to the next number`);
  const yaml = read(root, 'gateway.yaml');
  const port = freePort(root, yaml);
  const consumers = consumersIn(yaml);
  const variable = `${product.snake.toUpperCase()}_API_KEY`;
  const terms = { product, one, many: plural(one), letter: one.kebab.charAt(0), port, variable };
  const contract = `contracts/products/${product.kebab}/v1.ts`;
  const test = `test/products/${product.kebab}.test.ts`;
  const home = `examples/products/${product.kebab}`;
  const sampleTest = `test/examples/products/${product.kebab}.test.ts`;
  const creates: Record<string, string> = { [contract]: contractText(terms), [test]: contractTestText(terms) };
  const edits: Record<string, string> = {
    'gateway.yaml': addProduct(yaml, product.kebab, {
      urls: [`http://127.0.0.1:${port}/v{version}`],
      credential: { variable },
      identity: 'minted',
      access: { consumers },
    }),
  };
  if (values.sample) {
    Object.assign(creates, {
      [`${home}/main.ts`]: mainText(terms),
      [`${home}/product.ts`]: sampleText(terms),
      [sampleTest]: sampleTestText(terms),
    });
    edits['examples/landscape.ts'] = addToLandscape(read(root, 'examples/landscape.ts'), product.kebab, variable);
  }
  refuseExisting(root, Object.keys(creates));
  const tests = values.sample ? `${test} ${sampleTest}` : test;
  return {
    creates,
    edits,
    next: [
      `Say in ${contract} what ${product.kebab} promises, and whose answers they are (dependsOn; a user's own unless declared).`,
      values.sample
        ? `Give ${home}/product.ts the tables and the seed of it. npm start makes its key.`
        : `Set its addresses in gateway.yaml, and ${variable} where the gateway runs: without the key it does not start.`,
      mayCall(consumers, product.kebab),
      `npm run check:types && npm run test:only -- ${tests}`,
      `Answer a route with it: npm run new:route -- "GET /v1/${terms.many.kebab}/{${one.camel}Id}" --part ${product.kebab}.get${one.pascal}`,
    ],
  };
}

/** The next port that neither gateway.yaml nor a sample product names. */
function freePort(root: string, yaml: string): number {
  const samples = globSync('examples/products/*/product.ts', { cwd: root }).flatMap((file) => [
    ...read(root, file).matchAll(/\bport: (\d+)/g),
  ]);
  const used = new Set([...ports(yaml), ...samples.map(([, port]) => Number(port))]);
  let port = FIRST_PORT;
  while (used.has(port)) port++;
  return port;
}
