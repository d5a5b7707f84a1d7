import { OpsProblem } from './problem.js';
import { Operator } from './schemas.js';

/** Who asks: the header says it, or the body, or nobody. @throws OpsProblem where the header holds no name */
export function operatorOf(header: string | undefined, body: string | undefined): string {
  if (header === undefined) return body ?? 'unknown';
  const name = Operator.safeParse(header);
  if (name.success) return name.data;
  const errors = name.error.issues.map(({ message }) => ({ path: 'x-interline-operator', message }));
  throw new OpsProblem(422, 'invalid', 'the header x-interline-operator holds no name', errors);
}
