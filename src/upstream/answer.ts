import type { Failure } from '#contracts/kernel/index.js';

/** Header names in lower case, as undici gives them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What came back from a product, not looked into: the layers below `decode` speak it. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A product's answer: its decoded body, whole and unchecked. It may be shared by all who read it, so nobody changes it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly value: unknown;
}

/** What a call came to. Layers give an outcome and never reject for expected trouble; what they throw is a bug. */
export type Outcome<T = unknown> =
  | { readonly ok: true; readonly value: T; readonly answer: Answer }
  | { readonly ok: false; readonly failure: Failure };

/** A success whose value is the answer's whole body. */
export const answered = (answer: Answer): Outcome => ({ ok: true, value: answer.value, answer });

/** A failure as an outcome. */
export const failed = (failure: Failure): Outcome<never> => ({ ok: false, failure });
