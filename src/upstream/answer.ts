import type { Failure, FailureKind } from '#contracts/kernel/index.js';

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

/** Where an answer came from, as the cache tells it; an answer that no cache looked at has none. */
export type From = {
  /** What it is kept under; undefined where nobody knows whose it is. */
  readonly key?: string;
  /** How old the data is, in milliseconds. */
  readonly ageMs: number;
  /** How long it stays fresh, in milliseconds; below 0, how long it has not been. */
  readonly ttlMs: number;
} & (
  | { readonly state: 'hit' }
  /** `why`: the failure that it stands in for, where it is not merely being refreshed. */
  | { readonly state: 'stale'; readonly why?: FailureKind }
  /** The product said that what was kept still holds. */
  | { readonly state: 'revalidated'; readonly stored: boolean }
  /** Of the product itself; `why` it was not stored, where it was not. */
  | { readonly state: 'miss'; readonly stored: boolean; readonly why?: string }
);

/** What a call came to. Layers give an outcome and never reject for expected trouble; what they throw is a bug. */
export type Outcome<T = unknown> =
  | { readonly ok: true; readonly value: T; readonly answer: Answer; readonly from?: From }
  /** `headers`: what the product said with an error that it declares. */
  | { readonly ok: false; readonly failure: Failure; readonly headers?: Headers; readonly from?: From };

/** A success whose value is the answer's whole body. */
export const answered = (answer: Answer): Outcome => ({ ok: true, value: answer.value, answer });

/** A failure as an outcome. */
export const failed = (failure: Failure, headers?: Headers): Outcome<never> => ({
  ok: false,
  failure,
  ...(headers === undefined ? {} : { headers }),
});
