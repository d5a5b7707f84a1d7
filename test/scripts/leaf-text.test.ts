import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { id } from '#contracts/kernel/index.js';
import { contracts } from '../../scripts/scaffold/contracts.ts';
import { leafText } from '../../scripts/scaffold/leaf-text.ts';
import { type Schema, inside } from '../../scripts/scaffold/schema.ts';

/** The schema that a code makes. */
function made(code: string | undefined): z.ZodType {
  // The code of the scaffold is run here as it would be in the file that it is written to.
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function('z', 'id', `return ${code}`) as (...given: readonly unknown[]) => z.ZodType;
  return make(z, id);
}

const described = (schema: Schema): unknown => z.toJSONSchema(schema, { io: 'input' });

const operations = (await contracts(fileURLToPath(new URL('../../', import.meta.url)))).flatMap(({ product, operations }) =>
  Object.values(operations).map((operation) => ({ name: `${product} ${operation.name}`, operation })),
);
const fields = operations.flatMap(({ name, operation }) =>
  Object.entries(inside(operation.input).fields).map(([field, schema]): [string, Schema] => [`${name} ${field}`, schema]),
);

describe('the code of a schema', () => {
  it.each(fields)('says the same of an input as the contract does: %s', (_, schema) => {
    expect(described(made(leafText(schema, 'input')))).toEqual(described(schema));
  });

  it.each([
    z.iso.datetime({ offset: true, precision: 3 }).meta({ example: '2026-01-05T09:00:00.000Z' }),
    z.string().regex(/^[a-z]{2}\/\d+$/),
    z.number().gt(0).lt(1).nullable(),
    z.enum(['a', "it's"]).optional(),
    z.literal(['x', 'y']),
    z.boolean().default(false),
    z.uuid().meta({ description: 'Which `one`.' }).nullable().meta({ description: 'Null where there is none.' }),
    id('q').nullable(),
  ])('says the same of an answer as the contract does: %#', (schema) => {
    expect(described(made(leafText(schema, 'output')))).toEqual(described(schema));
  });

  it.each([
    z.object({ id: z.string() }),
    z.array(z.string()),
    z.record(z.string(), z.string()),
    z.union([z.string(), z.number()]),
    z.json(),
  ])('is not there where the schema has something inside: %#', (schema) => {
    expect(leafText(schema, 'output')).toBeUndefined();
  });
});
