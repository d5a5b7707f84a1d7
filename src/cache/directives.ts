import type { Headers } from '../upstream/answer.js';

/** What a response's cache directives say, for a shared cache. Times are in seconds. */
export interface Directives {
  readonly noStore: boolean;
  readonly private: boolean;
  readonly noCache: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly public: boolean;
  readonly maxAge: number | undefined;
  readonly sMaxAge: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
  /** Whether the field could not be read at all: whoever reads this stores nothing. */
  readonly malformed: boolean;
  /** Whether a field meant for caches like this one spoke (RFC 9213): then `Expires` has no say. */
  readonly targeted: boolean;
}

/** The field that speaks to caches like this one alone (RFC 9213). */
const TARGETED = 'cdn-cache-control';

/** The largest time a directive can say, in seconds: what is longer is cut to it (RFC 9111, 1.2.2). */
export const LONGEST = 2 ** 31;

/** A directive's value: `true` where it has none. */
type Value = string | true;

/** The directives in force: those of a readable, non-empty targeted field, else those of `Cache-Control`. */
export function directivesOf(headers: Headers): Directives {
  const targeted = targetedMembers(joined(headers[TARGETED]));
  if (targeted) return read(targeted, true);
  const text = joined(headers['cache-control']);
  // A response that speaks to HTTP/1.0 alone means what it says (RFC 9111, 5.4 leaves it open).
  if (text === undefined) return read(/\bno-cache\b/i.test(joined(headers['pragma']) ?? '') ? [['no-cache', true]] : [], false);
  const members = listMembers(text);
  return members ? read(members, false) : { ...read([], false), malformed: true };
}

/** All values of a field as one list (RFC 9110, 5.3); undefined where the field is not there. */
export const joined = (value: Headers[string]): string | undefined => (Array.isArray(value) ? value.join(', ') : value);

const MEMBER = /[\t ]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\]|\\.)*)"))?)?[\t ]*(?:,|$)/y;

/** The members of a `Cache-Control` list (RFC 9111, 5.2), or undefined where it is not one. */
function listMembers(text: string): readonly (readonly [string, Value])[] | undefined {
  const members: [string, Value][] = [];
  MEMBER.lastIndex = 0;
  while (MEMBER.lastIndex < text.length) {
    const found = MEMBER.exec(text);
    if (!found) return undefined;
    const [, name, token, quoted] = found;
    if (name !== undefined) members.push([name.toLowerCase(), token ?? quoted ?? true]);
  }
  return members;
}

const SF_KEY = '[a-z*][a-z0-9_.*-]*';
const SF_ITEM = String.raw`(?:-?\d{1,15}(?:\.\d{1,3})?|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"|[A-Za-z*][!#$%&'*+.^_|~0-9A-Za-z:/-]*|:[A-Za-z0-9+/=]*:|\?[01])`;
const SF_PARAMETERS = `(?:; *${SF_KEY}(?:=${SF_ITEM})?)*`;
const SF_INNER = `\\( *(?:${SF_ITEM}${SF_PARAMETERS}(?: +${SF_ITEM}${SF_PARAMETERS})*)? *\\)`;
const SF_MEMBER = new RegExp(`(${SF_KEY})(?:=(${SF_ITEM}|${SF_INNER}))?${SF_PARAMETERS}[\\t ]*(?:(,)[\\t ]*|$)`, 'y');

/**
 * The members of a targeted field, a structured dictionary (RFC 8941): undefined where it is empty, can't be read, or says a
 * time in something else than an integer; it then counts as absent (RFC 9213, 2.1).
 */
function targetedMembers(text: string | undefined): readonly (readonly [string, Value])[] | undefined {
  const field = text?.trim();
  if (field === undefined || field === '') return undefined;
  const members = new Map<string, Value>();
  let more = true;
  for (SF_MEMBER.lastIndex = 0; more;) {
    const found = SF_MEMBER.exec(field);
    if (!found) return undefined; // a comma with nothing after it is an error too
    const [, name, value, comma] = found;
    if (name === undefined) return undefined;
    if (value === '?0') members.delete(name);
    else members.set(name, value === undefined || value === '?1' ? true : value);
    more = comma !== undefined;
  }
  for (const name of ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error']) {
    const value = members.get(name);
    if (value !== undefined && (value === true || !/^-?\d+$/.test(value))) return undefined;
  }
  return [...members];
}

/** Where nothing is said, as mostly, there is nothing to look for. */
const [SILENT, SILENT_TARGETED] = [said([], false), said([], true)];

function read(members: readonly (readonly [string, Value])[], targeted: boolean): Directives {
  if (members.length > 0) return said(members, targeted);
  return targeted ? SILENT_TARGETED : SILENT;
}

/** What forbids is understood in odd spellings too (`no_store`, `NoStore`); what allows has to be spelled as the RFC does. */
function said(members: readonly (readonly [string, Value])[], targeted: boolean): Directives {
  const bare = new Set(members.map(([name]) => name.replaceAll(/[-_.]/g, '')));
  const names = new Set(members.map(([name]) => name));
  return {
    noStore: bare.has('nostore'),
    private: bare.has('private'),
    noCache: bare.has('nocache'),
    mustRevalidate: bare.has('mustrevalidate'),
    proxyRevalidate: bare.has('proxyrevalidate'),
    public: names.has('public'),
    maxAge: seconds(members, 'max-age'),
    sMaxAge: seconds(members, 's-maxage'),
    staleWhileRevalidate: seconds(members, 'stale-while-revalidate'),
    staleIfError: seconds(members, 'stale-if-error'),
    malformed: false,
    targeted,
  };
}

/** A time: of several the shortest, and nothing where one can't be read (RFC 9111, 4.2.1: then better stale). */
function seconds(members: readonly (readonly [string, Value])[], name: string): number | undefined {
  let least: number | undefined;
  for (const [of, value] of members) {
    if (of !== name) continue;
    const time = value !== true && /^\d+$/.test(value) ? Math.min(Number(value), LONGEST) : 0;
    least = Math.min(least ?? time, time);
  }
  return least;
}
