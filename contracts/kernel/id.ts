import { z } from 'zod';

/** The id of an entity: a letter, a dash and at least four digits, such as `u-0001`. Nothing in it can leave a path segment. */
export const id = (letter: string): z.ZodString =>
  z
    .string()
    .regex(new RegExp(`^${letter}-\\d{4,9}$`), { error: `expected an id like "${letter}-0001"` })
    .meta({ example: `${letter}-0001` });
