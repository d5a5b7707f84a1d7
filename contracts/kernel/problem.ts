import { z } from 'zod';

/** An answer that says what went wrong (RFC 9457, `application/problem+json`). */
export const Problem = z.object({
  type: z.string().meta({ description: 'A URI that names the kind of problem: `urn:interline:problem:` and the code.' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string().meta({ description: 'An error that the route declares, or the kind of a failure, or what is wrong with the request.' }),
  product: z.string().optional().meta({ description: 'The product whose answer was needed and failed.' }),
  part: z.string().optional().meta({ description: 'The part of the answer that failed.' }),
  retryAfter: z.number().optional().meta({ description: 'Seconds after which a new try makes sense; also sent as Retry-After.' }),
  errors: z
    .array(z.object({ in: z.enum(['path', 'query', 'header', 'body']), path: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'What is wrong with the input, place by place.' }),
  traceId: z.string().optional(),
});
export type Problem = z.output<typeof Problem>;

/** The media type of a problem. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The `type` of a problem with this code. */
export const problemType = (code: string): string => `urn:interline:problem:${code}`;
