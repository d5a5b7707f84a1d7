import { capital, listed } from './name.ts';
import { type RouteTerms, importsText } from './route-text.ts';
import type { UsedPart } from './used-part.ts';

/** A test of the composition over fake products: with every part, without what may be missing, without what has to be there. */
export function routeTestText(terms: RouteTerms): string {
  const { name, line, parts } = terms;
  const cases = [together(terms), without(terms), ...declared(terms), ...failing(terms)];
  return `
import { describe, expect, it } from '@jest/globals';
${importsText(parts)}
import { ${name.camel} } from '../../src/compositions/${name.kebab}.js';
import { fakeProduct } from '../fake-product.js';
import { testGateway } from '../gateway.js';

describe('${line}', () => {
  ${cases.filter((text) => text !== '').join('\n\n')}
});
`;
}

/** One test: its products and gateway, then its own lines. */
function testOf({ name, parts }: RouteTerms, title: string, lines: readonly string[]): string {
  const fakes = [...new Set(parts.map(({ contract }) => contract.exported))].sort();
  return `it('${title}', async () => {
    ${fakes.map((exported) => `await using ${fakeOf(exported)} = await fakeProduct(${exported});`).join('\n')}
    await using gateway = await testGateway({ products: [${fakes.map(fakeOf).join(', ')}], compositions: [${name.camel}] });
    ${lines.join('\n')}
  });`;
}

function together(terms: RouteTerms): string {
  const { parts } = terms;
  const states = parts.map((part) => `${part.name}: { state: 'ok' }`).join(', ');
  return testOf(terms, `gives ${listed(parts.map((part) => part.name))}`, [
    ...parts.map(answers),
    `expect(${asked(terms)}).toMatchObject({
      status: 200,
      body: { data: { ${parts.map((part) => `${part.name}: ${JSON.stringify(shown(part))}`).join(', ')} }, complete: true, parts: { ${states} } },
    });`,
  ]);
}

function without(terms: RouteTerms): string {
  const optional = terms.parts.filter((part) => part.need === 'optional');
  if (optional.length === 0) return '';
  const states = optional.map((part) => `${part.name}: { state: 'failed', product: '${part.contract.product}', reason: 'error' }`);
  return testOf(terms, `answers without ${listed(optional.map((part) => part.name))}, and says so`, [
    ...terms.parts.map((part) => (part.need === 'optional' ? breaks(part) : answers(part))),
    `expect(${asked(terms)}).toMatchObject({
      status: 200,
      body: { data: { ${optional.map((part) => `${part.name}: null`).join(', ')} }, complete: false, parts: { ${states.join(', ')} } },
    });`,
  ]);
}

const declared = (terms: RouteTerms): string[] =>
  Object.entries(terms.errors).flatMap(([name, errors]) =>
    Object.entries(errors).map(([error, own]) => {
      const part = terms.parts.find((one) => one.name === name);
      return part === undefined
        ? ''
        : testOf(terms, `says ${own} where ${part.contract.product} says ${error}`, [
            `${fakeOf(part.contract.exported)}.fails('${part.operation.name}', '${error}');`,
            `expect(${asked(terms)}).toMatchObject({ status: ${terms.statuses[own]}, body: { code: '${own}' } });`,
          ]);
    }),
  );

const failing = (terms: RouteTerms): string[] =>
  terms.parts
    .filter((part) => part.need === 'required')
    .map((part) =>
      testOf(terms, `fails without ${part.name}, and names it`, [
        breaks(part),
        `expect(${asked(terms)}).toMatchObject({ status: 502, body: { code: 'error', product: '${part.contract.product}', part: '${part.name}' } });`,
      ]),
    );

/** What a fake product says: nothing but what is read. */
const answers = (part: UsedPart): string => {
  const value = part.at === undefined ? shown(part) : { [part.at]: shown(part) };
  return `${fakeOf(part.contract.exported)}.answers('${part.operation.name}', ${JSON.stringify(value)});`;
};

const breaks = ({ contract, operation }: UsedPart): string => `${fakeOf(contract.exported)}.breaks(500, '${operation.name}');`;

const shown = ({ isList, example }: UsedPart): unknown => (isList ? [example] : example);

const fakeOf = (exported: string): string => `fake${capital(exported)}`;

/** The call, with an example of each field where it travels. */
function asked({ line, wiring }: RouteTerms): string {
  const { path, method, body } = exampleCall(line, wiring);
  if (method === 'GET') return `await gateway.get('${path}')`;
  const sent = body === undefined ? '' : `, headers: { 'content-type': 'application/json' }, body: JSON.stringify(${body})`;
  return `await gateway.get('${path}', { method: '${method}'${sent} })`;
}

/** One call of a route, on its examples. `body` is JSON. */
export function exampleCall(
  line: string,
  { input }: RouteTerms['wiring'],
): { readonly method: string; readonly path: string; readonly body: string | undefined } {
  const [method = '', template = ''] = line.split(' ');
  const rest = Object.entries(input).filter(([field]) => !template.includes(`{${field}}`));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(input[field]?.example)));
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams(
      rest.flatMap(([field, { example }]) => [example].flat().map((one): [string, string] => [field, String(one)])),
    );
    return { method, path: rest.length > 0 ? `${path}?${query.toString()}` : path, body: undefined };
  }
  return { method, path, body: JSON.stringify(Object.fromEntries(rest.map(([field, { example }]) => [field, example]))) };
}
