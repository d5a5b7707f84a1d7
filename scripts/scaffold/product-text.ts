import { capital, type Name } from './name.ts';

/** What the texts of a product are made of. */
export interface ProductTerms {
  readonly product: Name;
  /** What it keeps: one, and many. */
  readonly one: Name;
  readonly many: Name;
  /** The letter that the ids begin with. */
  readonly letter: string;
}

const article = (words: string): string => (/^[aeiou]/.test(words) ? `an ${words}` : `a ${words}`);

/** The contract: one of them by its id, and many by their ids as its batch. */
export const contractText = ({ product, one, many, letter }: ProductTerms): string => `
import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';

/** The id of ${article(one.words)}. */
export const ${one.camel}Id = id('${letter}');

/** ${capital(article(one.words))}, as ${product.kebab} keeps it. */
export const ${one.pascal} = z.object({
  id: ${one.camel}Id,
  name: z.string().meta({ example: '${capital(one.words)} 1' }),
});

/** What ${product.kebab} promises: ${many.words}. */
export const ${product.camel} = product('${product.kebab}', 1, {
  get${one.pascal}: operation({
    get: '/${many.kebab}/{id}',
    summary: 'One ${one.words}.',
    input: z.object({ id: ${one.camel}Id }),
    output: ${one.pascal},
    errors: { ${one.camel}NotFound: 404 },
    absent: '${one.camel}NotFound',
    tags: ({ id }) => [\`${one.kebab}:\${id}\`],
  }),
  list${many.pascal}: operation({
    get: '/${many.kebab}',
    summary: '${capital(many.words)} by their ids, in no particular order.',
    input: z.object({ ids: z.array(${one.camel}Id).min(1).max(100) }),
    output: z.object({ ${many.camel}: z.array(${one.pascal}) }),
    batches: { one: 'get${one.pascal}', each: 'id', list: 'ids', at: '${many.camel}', by: 'id', atMost: 100 },
  }),
});
`;

/** A test of the contract: what a consumer gets through a gateway. */
export const contractTestText = ({ product, one, many, letter }: ProductTerms): string => `
import { describe, expect, it } from '@jest/globals';
import { client } from '#contracts/client/index.js';
import { optional } from '#contracts/kernel/index.js';
import { ${product.camel} } from '#contracts/products/${product.kebab}/v1.js';
import { fakeProduct } from '../fake-product.js';
import { testGateway } from '../gateway.js';

const one = { id: '${letter}-0001', name: '${capital(one.words)} 1' };
const other = { id: '${letter}-0002', name: '${capital(one.words)} 2' };

const uses = {
  one: optional(${product.camel}.get${one.pascal}.reads({ id: true, name: true })),
  many: ${product.camel}.list${many.pascal}.reads({ ${many.camel}: { id: true, name: true } }),
};
const consumer = (baseUrl: string) => client({ consumer: 'test', baseUrl, uses });

describe('${product.kebab}', () => {
  it('gives one ${one.words}, with what is read of it and no more', async () => {
    await using product = await fakeProduct(${product.camel});
    await using gateway = await testGateway({ products: [product] });
    product.answers('get${one.pascal}', { ...one, secret: 'of the product' });
    expect(await consumer(gateway.url).one({ id: one.id })).toEqual({ ok: true, value: one });
  });

  it('says that there is none', async () => {
    await using product = await fakeProduct(${product.camel});
    await using gateway = await testGateway({ products: [product] });
    product.fails('get${one.pascal}', '${one.camel}NotFound');
    expect(await consumer(gateway.url).one({ id: one.id })).toEqual({ ok: true, value: undefined });
  });

  it('gives ${many.words} by their ids', async () => {
    await using product = await fakeProduct(${product.camel});
    await using gateway = await testGateway({ products: [product] });
    product.answers('list${many.pascal}', { ${many.camel}: [other, one] });
    const answer = await consumer(gateway.url).many({ ids: [one.id, other.id] });
    expect(answer).toEqual({ ok: true, value: { ${many.camel}: [other, one] } });
    expect(product.calls).toMatchObject([{ operation: 'list${many.pascal}', input: { ids: [one.id, other.id] } }]);
  });
});
`;
