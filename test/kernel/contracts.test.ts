import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { isProduct, isRoute, nameOf } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { z } from 'zod';

/** Schemas that refer to themselves, which zod parses without compiling: slower, and right. */
const recursive = ['clickai v1 getSite output'];

const folder = fileURLToPath(new URL('../../contracts/', import.meta.url));
const files = ['products', 'public'].flatMap((kind) =>
  readdirSync(folder + kind, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${kind}/${file}`),
);
const modules: readonly unknown[] = await Promise.all(files.map((file) => import(folder + file)));

const exported = modules.flatMap((module): unknown[] => Object.values(module ?? {}));
const operations = exported.filter(isProduct).flatMap((product) => Object.values(product));
const routes = exported.filter(isRoute);
const promises = [
  ...operations.map((operation) => ({ name: nameOf(operation), input: operation.input, output: operation.output })),
  ...routes.map((route) => ({ name: route.line, input: route.input, output: route.output })),
];
const schemas = promises.flatMap(({ name, input, output }): [string, z.ZodType][] => [
  [`${name} input`, input],
  [`${name} output`, output],
]);

describe('the contracts', () => {
  it('are all found', () => {
    expect(operations.length).toBeGreaterThan(0);
    expect(new Set(schemas.map(([name]) => name)).size).toBe(schemas.length);
  });

  it('have no schema that does not compile but for the recursive ones', () => {
    const slow = schemas.filter(([, schema]) => {
      try {
        z.compile(schema, { strict: true });
        return false;
      } catch (error) {
        if (error instanceof z.ZodCompileUnsupportedError) return true;
        throw error;
      }
    });
    expect(slow.map(([name]) => name)).toEqual(recursive.filter((name) => schemas.some(([known]) => known === name)));
  });

  it.each(schemas)('have a sample that survives the wire: %s', (_, schema) => {
    const value = sample(schema);
    expect(schema.safeParse(value === undefined ? undefined : JSON.parse(JSON.stringify(value)))).toMatchObject({ success: true });
  });
});
