import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Emitted, emit } from '../../src/openapi/schemas.js';

const output = (...roots: readonly (readonly [owner: string, name: string, schema: z.ZodType])[]): Emitted['components'] =>
  emit(
    roots.map(([owner, name, schema]) => ({ schema, owner, names: [name] })),
    'output',
    new Set(),
  ).components;

describe('components', () => {
  it('has one for a schema that holds itself, named for where it stands first', () => {
    interface Block {
      children: Block[];
    }
    const Block: z.ZodType<Block> = z.object({
      get children() {
        return z.array(Block);
      },
    });
    expect(output(['a.', 'Site', z.object({ root: Block })])).toEqual({
      'a.Site': { type: 'object', properties: { root: { $ref: '#/components/schemas/a.SiteRoot' } }, required: ['root'] },
      'a.SiteRoot': {
        type: 'object',
        properties: { children: { type: 'array', items: { $ref: '#/components/schemas/a.SiteRoot' } } },
        required: ['children'],
      },
    });
  });

  it('has them for recursion through z.lazy and through z.json', () => {
    const Tree: z.ZodType = z.union([z.string(), z.array(z.lazy(() => Tree))]);
    const components = output(['', 'Doc', z.object({ tree: Tree, any: z.json() })]);
    expect(components['Doc']).toMatchObject({
      properties: { tree: { $ref: '#/components/schemas/DocTree' }, any: { $ref: '#/components/schemas/DocAny' } },
    });
    expect(components['DocTree']).toMatchObject({
      anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/components/schemas/DocTree' } }],
    });
    expect(Object.keys(components)).toEqual(['Doc', 'DocTree', 'DocAny']);
  });

  it('points from one root to another, whichever came first', () => {
    const User = z.object({ id: z.string() });
    const Users = z.object({ users: z.array(User) });
    const ref = { properties: { users: { items: { $ref: '#/components/schemas/User' } } } };
    expect(output(['', 'Users', Users], ['', 'User', User])).toMatchObject({ Users: ref, User: { type: 'object' } });
    expect(output(['', 'User', User], ['', 'Users', Users])).toMatchObject({ Users: ref, User: { type: 'object' } });
  });

  it('takes an id of the contract as a name within its owner', () => {
    const money = (): z.ZodType => z.object({ price: z.object({ amount: z.number() }).meta({ id: 'Money', title: 'Money' }) });
    const components = output(['a.', 'Order', money()], ['b.', 'Order', money()]);
    expect(Object.keys(components)).toEqual(['a.Order', 'a.Money', 'b.Order', 'b.Money']);
    expect(components['b.Money']).toEqual({
      type: 'object',
      title: 'Money',
      properties: { amount: { type: 'number' } },
      required: ['amount'],
    });
  });

  it('never gives two schemas one name', () => {
    const components = output(['', 'Order', z.object({ a: z.string() })], ['', 'Order', z.object({ b: z.string() })]);
    expect(Object.keys(components)).toEqual(['Order', 'OrderValue']);
  });

  it('knows no name of what is not a root', () => {
    expect(() => emit([], 'output', new Set()).refTo(z.string())).toThrow('not a root');
  });
});

describe('a schema', () => {
  const one = (schema: z.ZodType): unknown => output(['', 'One', schema])['One'];

  it('leaves an answer open to fields that come later', () => {
    expect(one(z.object({ a: z.object({}) }))).not.toHaveProperty('properties.a.additionalProperties');
    expect(one(z.record(z.string(), z.number()))).toMatchObject({ additionalProperties: { type: 'number' } });
  });

  it('says a format without the pattern behind it, and a pattern where there is no format', () => {
    expect(one(z.iso.datetime())).toEqual({ type: 'string', format: 'date-time' });
    expect(one(z.string().regex(/^\d+$/))).toEqual({ type: 'string', pattern: '^\\d+$' });
  });

  it('says an integer without the bounds of JavaScript, but with its own', () => {
    expect(one(z.int())).toEqual({ type: 'integer' });
    expect(one(z.int().min(1).max(9))).toEqual({ type: 'integer', minimum: 1, maximum: 9 });
  });

  it('says an example as JSON Schema does, through wrappers too', () => {
    expect(
      one(z.object({ a: z.string().meta({ example: 'x' }).optional(), b: z.iso.date().nullable().meta({ example: '2026-01-02' }) })),
    ).toEqual({
      type: 'object',
      properties: {
        a: { type: 'string', examples: ['x'] },
        b: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }], examples: ['2026-01-02'] },
      },
      required: ['b'],
    });
  });
});
