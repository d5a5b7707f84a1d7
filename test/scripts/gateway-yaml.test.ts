import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { addProduct, addRoute, consumersIn, ports } from '../../scripts/scaffold/gateway-yaml.ts';
import { parse } from '../../src/policy/load.js';

const entry = {
  urls: ['http://127.0.0.1:4108/v{version}'],
  credential: { variable: 'BILLING_API_KEY' },
  identity: 'minted',
  access: { consumers: ['web', 'kiosk'] },
} as const;
const added = (indent: string): string =>
  [
    'billing:',
    "  urls: ['http://127.0.0.1:4108/v{version}']",
    '  credential: { variable: BILLING_API_KEY }',
    '  identity: minted',
    '  access: { consumers: [web, kiosk] }',
  ]
    .map((line) => `${indent}${line}\n`)
    .join('');

describe('a product that is added to gateway.yaml', () => {
  it('stands after the last one and changes nothing else, comments and layout included', () => {
    const before = `# what this is\nproducts:\n  auth: # the first\n    urls: ['http://127.0.0.1:4101']\n    deadline: 1s # it is slow\n`;
    const after = '\n  # of auth, commented out\n\n# The routes.\nroutes:\n  GET /v1/me: { deadline: 3s }\n';
    expect(addProduct(before + after, 'billing', entry)).toBe(before + added('  ') + after);
  });

  it('is indented as the others are, where the file ends without a new line too', () => {
    const before = "products:\n    auth:\n        urls: ['http://127.0.0.1:4101']";
    expect(addProduct(before, 'billing', entry)).toBe(`${before}\n${added('    ').trimEnd()}`);
  });

  it('may be the first', () => {
    expect(addProduct('edge: {}\nproducts: {} # none yet\n', 'billing', entry)).toBe(`edge: {}\nproducts: # none yet\n${added('  ')}`);
  });

  it('is understood by the gateway', () => {
    const text = readFileSync(new URL('../../gateway.yaml', import.meta.url), 'utf8');
    const { products, ...rest } = parse(text, 'gateway.yaml').config;
    expect(parse(addProduct(text, 'billing', entry), 'gateway.yaml').config).toEqual({
      ...rest,
      products: { ...products, billing: { ...entry, passThrough: false, access: { ...entry.access, scopes: [] } } },
    });
  });

  it.each([
    ['products:\n  billing:\n    urls: []\n', 'the product "billing" is there already'],
    ['products: { auth: { urls: [] } }\n', 'expected "products" as a block'],
    ['products:\n', 'expected "products" with an entry for each'],
    ['edge: {}\n', 'expected "products" with an entry for each'],
    ['products: [\n', 'gateway.yaml: '],
  ])('is refused where it can not be added safely: %j', (text, why) => {
    expect(() => addProduct(text, 'billing', entry)).toThrow(
      expect.objectContaining({ name: 'Refusal', message: expect.stringContaining(why) }),
    );
  });
});

describe('a route that is added to gateway.yaml', () => {
  const line = 'GET /v1/bills/{billId}';
  const access = { consumers: ['web'] };
  const written = `${line}: { access: { consumers: [web] } }`;

  it('stands after the last one and changes nothing else, comments and layout included', () => {
    const before = '# what this is\nroutes:\n  GET /v1/me:\n    deadline: 3s # six products\n';
    const after = '\n# The products.\nproducts: {}\n';
    expect(addRoute(before + after, line, { access })).toBe(`${before}  ${written}\n${after}`);
  });

  it('may be the first, and stands at the end then', () => {
    expect(addRoute('products: {}\n', line, { access })).toBe(`products: {}\n\nroutes:\n  ${written}\n`);
    expect(addRoute('routes: {}\nproducts: {}\n', line, { access })).toBe(`routes:\n  ${written}\nproducts: {}\n`);
  });

  it('is understood by the gateway', () => {
    const text = readFileSync(new URL('../../gateway.yaml', import.meta.url), 'utf8');
    const { routes, ...rest } = parse(text, 'gateway.yaml').config;
    expect(parse(addRoute(text, line, { access }), 'gateway.yaml').config).toEqual({
      ...rest,
      routes: { ...routes, [line]: { access: { ...access, scopes: [] } } },
    });
  });

  it.each([
    [`routes:\n  ${line}: {}\n`, `the route "${line}" is there already`],
    ['routes: { GET /v1/me: {} }\n', 'expected "routes" as a block'],
    ['routes:\n', 'expected "routes" with an entry for each'],
  ])('is refused where it can not be added safely: %j', (text, why) => {
    expect(() => addRoute(text, line, { access })).toThrow(
      expect.objectContaining({ name: 'Refusal', message: expect.stringContaining(why) }),
    );
  });
});

it('knows who may call', () => {
  expect(consumersIn('consumers: { web: { scopes: [a] }, kiosk: {} }\n')).toEqual(['web', 'kiosk']);
  expect(consumersIn('consumers:\nproducts: {}\n')).toEqual([]);
  expect(consumersIn('products: {}\n')).toEqual([]);
});

it('knows the ports of this machine that are taken', () => {
  expect(ports("urls: ['http://127.0.0.1:4101/v1', 'https://billing.internal:4102', 'http://localhost:4103']")).toEqual([4101, 4103]);
});
