/** One piece of a path template: text as it stands, or the name of a field. */
export type Segment = { readonly text: string } | { readonly field: string };

const FIELD = /^\{([A-Za-z][A-Za-z0-9]*)\}$/;
const TEXT = /^[A-Za-z0-9._~-]+$/;

/**
 * The segments of a path template such as `/users/{id}/orders`.
 * @throws TypeError where it does not begin with `/`, has an empty or dotted segment, or a field that fills only part of one.
 */
export function segments(template: string): readonly Segment[] {
  if (!template.startsWith('/')) throw new TypeError(`path "${template}": expected it to begin with "/"`);
  return template
    .slice(1)
    .split('/')
    .map((segment) => {
      const field = FIELD.exec(segment)?.[1];
      if (field !== undefined) return { field };
      if (!TEXT.test(segment) || segment === '.' || segment === '..')
        throw new TypeError(`path "${template}": expected plain text or one {field} between slashes, got "${segment}"`);
      return { text: segment };
    });
}

/** The field names of a template, in order. */
export const fieldsOf = (template: string): readonly string[] =>
  segments(template).flatMap((segment) => ('field' in segment ? [segment.field] : []));

/** What tells two templates apart: `/users/{id}` and `/users/{userId}` have one shape, so both can't be routes. */
export const shapeOf = (template: string): string =>
  segments(template)
    .map((segment) => ('field' in segment ? '{}' : segment.text))
    .join('/');

// Percent signs before two hex digits are refused besides: what decodes twice must not find "..%2f" the second time.
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[/\\\u0000-\u001f\u007f-\u009f]|%[0-9a-f]{2}/i;

/**
 * Why a decoded value may not stand in a path, or undefined where it may. A value fills one segment: it can't be empty,
 * `.` or `..`, nor hold a slash, a backslash, a control character or a percent-encoded byte.
 */
export function refusesSegment(value: string): string | undefined {
  if (value === '') return 'expected a value, got an empty one';
  if (value === '.' || value === '..') return 'expected a value, got a dot segment';
  if (UNSAFE.test(value)) return 'expected no slash, backslash, control character or percent-encoded byte';
  if (!value.isWellFormed()) return 'expected well-formed Unicode';
  return undefined;
}
