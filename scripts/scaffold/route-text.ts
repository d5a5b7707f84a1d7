import { type Name, capital, listed } from './name.ts';
import type { UsedPart } from './used-part.ts';
import type { Wiring } from './wiring.ts';

/** What the texts of a composed route are made of. */
export interface RouteTerms {
  readonly name: Name;
  /** `GET /v1/things/{thingId}`. */
  readonly line: string;
  /** `v1`. */
  readonly version: string;
  readonly parts: readonly UsedPart[];
  readonly wiring: Wiring;
  /** The declared errors of required parts: the route's name of each, by part and the product's name. */
  readonly errors: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The status of each of the route's errors. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** The public contract. */
export function routeText({ name, line, parts, wiring, statuses }: RouteTerms): string {
  const output = parts.map((part) => `${part.name}: ${shownText(part)},`).join('\n');
  const input = Object.entries(wiring.input).map(([field, { code }]) => `${field}: ${code}`);
  const said = `${capital(name.words)}, from ${listed(parts.map(({ contract }) => contract.product))}.`;
  const kernel = /\bid\('/.test(output + input.join()) ? 'id, route' : 'route';
  return `
import { z } from 'zod';
import { ${kernel} } from '../../kernel/index.js';

/** ${said} */
export const ${name.camel} = route('${line}', {
  summary: '${said}',
  input: z.object({ ${input.join(', ')} }),
  output: z.object({
    ${output}
  }),
  ${Object.keys(statuses).length > 0 ? `errors: ${JSON.stringify(statuses)},` : ''}
  parts: { ${parts.map((part) => `${part.name}: '${part.need}'`).join(', ')} },
});
`;
}

function shownText({ fields, isList, need, operation }: UsedPart): string {
  const one = `z.object({ ${Object.entries(fields)
    .map(([field, code]) => `${field}: ${code}`)
    .join(', ')} })`;
  const shown = isList ? `z.array(${one})` : one;
  const why =
    operation.absent === undefined ? 'Null where the part is missing.' : 'Null where there is none, or where the part is missing.';
  return need === 'optional' ? `${shown}.nullable().meta({ description: '${why}' })` : shown;
}

/** The composition: all parts at once, and what they came to side by side. */
export function compositionText({ name, version, parts, wiring, errors }: RouteTerms): string {
  const kernel = parts.some(({ need }) => need === 'optional') ? `import { optional } from '#contracts/kernel/index.js';\n` : '';
  const uses = parts.map((part) => `${part.name}: ${part.need === 'optional' ? `optional(${readText(part)})` : readText(part)},`);
  const calls = parts.map((part) => `${part.name}: ${part.name}({ ${givenText(wiring.given[part.name] ?? {})} }),`);
  const shown = parts.map((part) => {
    const missing = part.need === 'optional';
    const value = part.at === undefined ? `parts.${part.name}` : `parts.${part.name}${missing ? '?' : ''}.${part.at}`;
    return `${part.name}: ${value}${missing ? ' ?? null' : ''},`;
  });
  const takesInput = Object.values(wiring.given).some((given) => Object.keys(given).length > 0);
  return `
${kernel}${importsText(parts)}
import { ${name.camel} as route } from '#contracts/public/${version}/${name.kebab}.js';
import { composition } from '../composition/composition.js';

/** All parts at once; ${need(parts)}. */
export const ${name.camel} = composition(route, {
  uses: {
    ${uses.join('\n')}
  },
  ${Object.keys(errors).length > 0 ? `errors: ${JSON.stringify(errors)},` : ''}
  async compose({ ${takesInput ? 'input, ' : ''}${parts.map((part) => part.name).join(', ')}, gather }) {
    const parts = await gather({
      ${calls.join('\n')}
    });
    return {
      ${shown.join('\n')}
    };
  },
});
`;
}

function need(parts: readonly UsedPart[]): string {
  const required = parts.filter((part) => part.need === 'required').map((part) => part.name);
  if (required.length === 0) return 'any of them may be missing';
  return `${listed(required)} ${required.length > 1 ? 'have' : 'has'} to be there`;
}

const readText = ({ contract, operation, at, fields }: UsedPart): string => {
  const mask = `{ ${Object.keys(fields)
    .map((field) => `${field}: true`)
    .join(', ')} }`;
  return `${contract.exported}.${operation.name}.reads(${at === undefined ? mask : `{ ${at}: ${mask} }`})`;
};

const givenText = (given: Readonly<Record<string, string>>): string =>
  Object.entries(given)
    .map(([field, from]) => `${field}: input.${from}`)
    .join(', ');

/** The imports of the contracts of these parts, a line each. */
export function importsText(parts: readonly UsedPart[]): string {
  const lines = parts.map(
    ({ contract: { exported, product, version } }) => `import { ${exported} } from '#contracts/products/${product}/v${version}.js';`,
  );
  return [...new Set(lines)].sort().join('\n');
}
