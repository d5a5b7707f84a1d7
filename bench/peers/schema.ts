import { bodies } from '../products/bodies.ts';

/** A product's sample answer at a path. */
export function sampleOf(product: string, path: string): object {
  const body = bodies[product]?.[path];
  if (!body) throw new RangeError(`${product} has nothing at ${path}`);
  return body;
}

/** The types of a schema, by samples of what they hold: `type Item { … }` with those that it needs. */
export function typesOf(name: string, sample: object, more = ''): string {
  const nested: string[] = [];
  const typeOf = (value: unknown, field: string): string => {
    if (Array.isArray(value))
      return `[${typeOf(
        value.find((one) => one !== null),
        field,
      )}]`;
    if (typeof value === 'boolean') return 'Boolean';
    if (typeof value === 'number') return Number.isInteger(value) && field !== 'percent' ? 'Int' : 'Float';
    if (typeof value !== 'object' || value === null) return 'String';
    const own = `${name}_${field}`;
    nested.push(typesOf(own, value));
    return own;
  };
  const fields = Object.entries(sample).map(([field, value]: [string, unknown]) => `${field}: ${typeOf(value, field)}`);
  return `type ${name} { ${fields.join(' ')} ${more} }\n${nested.join('')}`;
}
