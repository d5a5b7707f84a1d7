import type { Headers } from '../upstream/answer.js';
import { joined } from './directives.js';

/** The request headers that a response was chosen by, in lower case and sorted; `*` where nobody can tell by which. */
export type Vary = '*' | readonly string[];

/** Reads `Vary` (RFC 9110, 12.5.5); one that can't be read is `*`. */
export function varyOf(headers: Headers): Vary {
  const names = new Set<string>();
  for (const member of (joined(headers['vary']) ?? '').split(',')) {
    const name = member.trim().toLowerCase();
    if (name === '') continue;
    if (!/^[!#$%&'+.^_`|~0-9a-z-]+$/.test(name)) return '*'; // which is no name either
    names.add(name);
  }
  return [...names].sort();
}

/** Whether a response that was stored for one request is the one chosen for another (RFC 9111, 4.1). */
export const selects = (vary: Vary, stored: Headers, presented: Headers): boolean =>
  vary !== '*' && vary.every((name) => normal(stored[name]) === normal(presented[name]));

/** What differs in white space only is the same. */
const normal = (value: Headers[string]): string | undefined =>
  joined(value)
    ?.split(',')
    .map((member) => member.trim())
    .join(',');
