import { capital } from './name.ts';
import type { ProductTerms } from './product-text.ts';
import { Refusal } from './refusal.ts';

/** What a sample product is besides. */
interface SampleTerms extends ProductTerms {
  readonly port: number;
  readonly variable: string;
}

/** The process of a sample product. */
export const mainText = ({ product }: ProductTerms): string => `
import { runProduct } from '../../kit/index.js';
import { ${product.camel}Product } from './product.js';

await runProduct(${product.camel}Product);
`;

/** A sample product: its table, its seed and what answers the contract. */
export const sampleText = ({ product, one, many, letter, port, variable }: SampleTerms): string => `
import { ${one.pascal}, ${product.camel} } from '#contracts/products/${product.kebab}/v1.js';
import { type ProductDefinition, numbered, serve } from '../../kit/index.js';

const SEEDED = 20;

/** Keeps ${many.words}, ${numbered(letter, 1)} to ${numbered(letter, 20)} from the start. */
export const ${product.camel}Product: ProductDefinition = {
  name: '${product.kebab}',
  port: ${port},
  keyVariable: '${variable}',
  migrations: ['CREATE TABLE ${many.snake} (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID'],
  seed(db) {
    for (let n = 1; n <= SEEDED; n++)
      db.run('INSERT INTO ${many.snake} (id, name) VALUES ($id, $name)', { id: numbered('${letter}', n), name: \`${capital(one.words)} \${n}\` });
  },
  serves: [
    serve(${product.camel}, {
      get${one.pascal}({ input, db, fail }) {
        const found = db.one(${one.pascal}, 'SELECT id, name FROM ${many.snake} WHERE id = $id', { id: input.id });
        if (found === undefined) throw fail('${one.camel}NotFound');
        return found;
      },
      list${many.pascal}: ({ input, db }) => ({
        ${many.camel}: db.all(${one.pascal}, 'SELECT id, name FROM ${many.snake} WHERE id IN (SELECT value FROM json_each($ids))', {
          ids: JSON.stringify(input.ids),
        }),
      }),
    }),
  ],
};
`;

/** A test of the sample product on its own. */
export const sampleTestText = ({ product, one, many, letter }: ProductTerms): string => `
import { describe, expect, it } from '@jest/globals';
import { ${product.camel}Product } from '../../../examples/products/${product.kebab}/product.js';
import { running } from '../kit-fixture.js';

describe('${product.kebab}', () => {
  it('knows ${many.words} ${numbered(letter, 1)} to ${numbered(letter, 20)} and no other', async () => {
    await using product = await running(${product.camel}Product);
    expect(await product.get('/v1/${many.kebab}/${numbered(letter, 20)}')).toMatchObject({ status: 200, body: { id: '${numbered(letter, 20)}' } });
    expect(await product.get('/v1/${many.kebab}/${numbered(letter, 21)}')).toMatchObject({ status: 404, body: { code: '${one.camel}NotFound' } });
  });

  it('gives ${many.words} by their ids, without those that it does not know', async () => {
    await using product = await running(${product.camel}Product);
    expect(await product.get('/v1/${many.kebab}?ids=${numbered(letter, 2)}&ids=${numbered(letter, 21)}')).toMatchObject({
      status: 200,
      body: { ${many.camel}: [{ id: '${numbered(letter, 2)}' }] },
    });
  });
});
`;

const LANDSCAPE = 'examples/landscape.ts';

/** The text of the landscape with one more product to start. @throws Refusal where its table is not to be found. */
export function addToLandscape(text: string, name: string, variable: string): string {
  const table = /^const products = \{\n(?:  .+\n)*/m.exec(text);
  if (!table || !text.startsWith('}', table.index + table[0].length))
    throw new Refusal(`${LANDSCAPE}: expected a table "const products = {", a line for each product`);
  const end = table.index + table[0].length;
  const key = name.includes('-') ? `'${name}'` : name;
  return `${text.slice(0, end)}  ${key}: '${variable}',\n${text.slice(end)}`;
}

const numbered = (letter: string, n: number): string => `${letter}-${String(n).padStart(4, '0')}`;
