import { fieldsOf, type Wire } from '#contracts/kernel/index.js';
import type { JsonSchema, Parameter, RequestBody } from './specification.js';

/**
 * What a call sends, from where its contract says that each field travels.
 * @param input the JSON Schema of the whole input.
 * @param path the template that the document files the call under; its fields may have other names than the contract's.
 */
export function request(
  wire: Wire,
  input: JsonSchema,
  path: string,
): { readonly parameters?: readonly Parameter[]; readonly requestBody?: RequestBody } {
  const properties = propertiesOf(input);
  const required = new Set(input.required);
  const text = (name: string): { description?: string; deprecated?: true; schema: JsonSchema; example?: unknown } => {
    const { description, deprecated, examples, ...schema } = properties[name] ?? {};
    return {
      ...(description !== undefined && { description }),
      ...(deprecated && { deprecated }),
      schema,
      ...(examples?.[0] !== undefined && { example: examples[0] }),
    };
  };
  const names = fieldsOf(path);
  const parameters: Parameter[] = [
    ...wire.inPath.map((field, i): Parameter => ({ name: names[i] ?? field.wire, in: 'path', required: true, ...text(field.name) })),
    ...wire.inQuery.map((field): Parameter => ({
      name: field.wire,
      in: 'query',
      ...(required.has(field.name) && { required: true }),
      ...(field.list && repeated),
      ...text(field.name),
    })),
    ...wire.inHeaders.map((field): Parameter => ({
      name: field.wire,
      in: 'header',
      ...(required.has(field.name) && { required: true }),
      ...text(field.name),
    })),
  ];
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(wire.inBody && { requestBody: body(wire.inBody, properties, required) }),
  };
}

const repeated = { style: 'form', explode: true } as const;

function body(fields: readonly string[], properties: Readonly<Record<string, JsonSchema>>, required: ReadonlySet<string>): RequestBody {
  const needed = fields.filter((name) => required.has(name));
  const schema: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(fields.map((name) => [name, properties[name] ?? {}])),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
  return { required: needed.length > 0, content: { 'application/json': { schema } } };
}

function propertiesOf(input: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const entries = Object.entries(input.properties ?? {});
  return Object.fromEntries(entries.flatMap(([name, schema]) => (typeof schema === 'boolean' ? [] : [[name, schema]])));
}
