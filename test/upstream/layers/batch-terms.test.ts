import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { operation, product } from '#contracts/kernel/index.js';

it('stands for a single operation, not for another batch', () => {
  const terms = {
    input: z.object({ id: z.string(), ids: z.array(z.string()) }),
    output: z.array(z.object({ id: z.string() })),
    errors: { itemNotFound: 404 },
    absent: 'itemNotFound',
  } as const;
  const batches = (one: string) => ({ one, each: 'id', list: 'ids', by: 'id', atMost: 10 });
  const untyped = {
    two: operation({ ...terms, get: '/two', batches: batches('three') }),
    three: operation({ ...terms, get: '/three', batches: batches('two') }),
  } as never;
  expect(() => product('shop', 1, untyped)).toThrow(new TypeError('shop v1 two batches: "three" stands for others itself'));
});
