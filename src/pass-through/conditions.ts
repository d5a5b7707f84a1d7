import { httpDate } from '../cache/http-date.js';
import type { Headers } from '../upstream/answer.js';
import { headerOf } from './stored.js';

/** Fields that make a request depend on what its caller or its product has (RFC 9110, 13.1). */
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'] as const;

/** Whether a request asks for something under a condition. */
export const isConditional = (headers: Headers): boolean => CONDITIONS.some((name) => headers[name] !== undefined);

/** The headers without their conditions. */
export const unconditional = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !CONDITIONS.some((one) => one === name)));

const TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** The opaque part of an entity tag; undefined where it is none. */
const opaque = (etag: string | undefined): string | undefined => /^(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")$/.exec(etag?.trim() ?? '')?.[1];

/**
 * Whether a caller holds what is kept already, so that 304 says it all (RFC 9111, 4.3.2): by its entity tags, compared weakly,
 * and only where it names none, by its date.
 */
export function holds(asked: Headers, kept: Headers, now: number): boolean {
  const tags = headerOf(asked, 'if-none-match');
  if (tags !== undefined) {
    if (tags.trim() === '*') return true;
    const etag = opaque(headerOf(kept, 'etag'));
    return etag !== undefined && [...tags.matchAll(TAG)].some(([, tag]) => tag === etag);
  }
  const since = dateOf(asked, 'if-modified-since', now);
  const modified = dateOf(kept, 'last-modified', now) ?? dateOf(kept, 'date', now);
  return since !== undefined && modified !== undefined && modified <= since;
}

/** Whether the rest of a representation may be sent to somebody who holds its beginning (RFC 9110, 13.1.5). */
export function continues(asked: Headers, kept: Headers): boolean {
  const held = headerOf(asked, 'if-range');
  return held === undefined || (held.startsWith('"') && held === headerOf(kept, 'etag'));
}

function dateOf(headers: Headers, name: string, now: number): number | undefined {
  const value = headerOf(headers, name);
  return value === undefined ? undefined : httpDate(value, now);
}

/** A part of a representation, in bytes. */
export interface Span {
  readonly from: number;
  /** The last byte that belongs to it. */
  readonly to: number;
}

/**
 * The one part that is asked for (RFC 9110, 14.1.2). Undefined where all is to be sent: several parts, another unit, or
 * something that can't be read; `beyond` where there is no such part.
 */
export function spanOf(range: string, length: number): Span | 'beyond' | undefined {
  const [, first = '', last = ''] = /^bytes=[\t ]*(\d{0,15})-(\d{0,15})[\t ]*$/i.exec(range) ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return last === '0' || length === 0 ? 'beyond' : { from: Math.max(0, length - Number(last)), to: length - 1 };
  const from = Number(first);
  const to = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (last !== '' && Number(last) < from) return undefined;
  return from >= length ? 'beyond' : { from, to };
}
