import { z } from 'zod';
import type { Schema } from './read-schema.js';

/** What a string has to be like, as far as its schema says it in a form that can be read. */
interface Demands {
  readonly formats: readonly z.core.$ZodStringFormatDef[];
  readonly least: number;
  readonly most: number;
  readonly begins: string;
  readonly holds: string;
  readonly ends: string;
}

function demandsOf(def: z.core.$ZodStringDef): Demands {
  const formats = 'format' in def ? [def as z.core.$ZodStringFormatDef] : [];
  const [least, most] = lengths(def.checks);
  let [begins, holds, ends] = ['', '', ''];
  for (const { _zod } of def.checks ?? []) {
    const check = _zod.def as z.core.$ZodChecks['_zod']['def'] | z.core.$ZodStringFormatChecks['_zod']['def'];
    if (check.check !== 'string_format') continue;
    if ('prefix' in check) begins = check.prefix;
    else if ('suffix' in check) ends = check.suffix;
    else if ('includes' in check) holds += check.includes;
    else formats.push(check as z.core.$ZodStringFormatDef);
  }
  return { formats, least, most, begins, holds, ends };
}

/** The least and the most that a string or a list may hold. */
export function lengths(checks: readonly z.core.$ZodCheck[] = []): readonly [number, number] {
  let [least, most] = [0, Infinity];
  for (const { _zod } of checks) {
    const check = _zod.def as z.core.$ZodChecks['_zod']['def'];
    if (check.check === 'min_length') least = Math.max(least, check.minimum);
    else if (check.check === 'max_length') most = Math.min(most, check.maximum);
    else if (check.check === 'length_equals') least = most = check.length;
  }
  return [least, most];
}

/** Strings that most likely fit, the plainest first; the nth of a list differs from its neighbours. */
export function texts(def: z.core.$ZodStringDef, word: string, nth: number): readonly string[] {
  const { formats, least, most, begins, holds, ends } = demandsOf(def);
  const formatted = formats.flatMap((format) => textsOf(format, nth));
  const plain = nth === 0 ? word : `${word} ${nth + 1}`;
  const room = Math.max(0, most - begins.length - holds.length - ends.length);
  const inner = plain.slice(0, room).padEnd(least - begins.length - holds.length - ends.length, word);
  const framed = begins + holds + inner + ends;
  return [...formatted, framed, framed.toLowerCase(), framed.toUpperCase(), begins + holds.slice(begins.length) + ends].filter(
    (text) => text.length <= most,
  );
}

/** Numbers that most likely fit, the plainest first. */
export function numbers(def: z.core.$ZodNumberDef, nth: number, share: number | undefined): readonly number[] {
  let [least, most, step] = [-Infinity, Infinity, 1];
  for (const { _zod } of def.checks ?? []) {
    const check = _zod.def as z.core.$ZodChecks['_zod']['def'];
    if (check.check === 'greater_than') least = Math.max(least, Number(check.value));
    else if (check.check === 'less_than') most = Math.min(most, Number(check.value));
    else if (check.check === 'multiple_of') step = Number(check.value);
  }
  const low = Number.isFinite(least) ? least : Number.isFinite(most) ? most - 100 * step : 0;
  const high = Number.isFinite(most) ? most : low + 100 * step;
  const near = (value: number): number[] => [Math.ceil(value / step) * step, Math.floor(value / step) * step];
  const seeded = share === undefined ? [] : near(low + share * (high - low));
  return [...seeded, 1 + nth, ...near(low + (1 + nth) * step), ...near(low), ...near(high), high - step, low + (high - low) / 2, low, high];
}

/** An example that ends in a number, counted up for the nth of a list: `u-0001`, `u-0002`. */
export function countUp(schema: Schema, example: string, nth: number): string {
  const next = example.replace(/\d+$/, (digits) => String(Number(digits) + nth).padStart(digits.length, '0'));
  return z.safeParse(schema, next).success ? next : example;
}

// Names, addresses and numbers are those set aside for documentation (RFC 2606, 5737, 3849, 7042).
function textsOf(def: z.core.$ZodStringFormatDef, nth: number): readonly string[] {
  const n = nth + 1;
  const day = `2026-01-${String(5 + (nth % 20)).padStart(2, '0')}`;
  switch (def.format) {
    case 'datetime':
      return [`${day}T${clock(def)}Z`, `${day}T${clock(def)}`];
    case 'date':
      return [day];
    case 'time':
      return [clock(def)];
    case 'duration':
      return [`PT${n}H`];
    case 'email':
      return [`ada${n}@example.org`, 'a@b.co'];
    case 'url':
      return [`https://example.org/${n}`, 'http://example.org'];
    case 'uuid':
    case 'guid':
      return [`00000000-0000-${versionOf(def)}000-8000-${String(n).padStart(12, '0')}`];
    case 'nanoid':
      return [String(n).padStart(lengthOf(def, 21), 'a')];
    case 'cuid':
    case 'cuid2':
      return [`c${String(n).padStart(23, '0')}`];
    case 'ulid':
      return [String(n).padStart(26, '0')];
    case 'xid':
      return [String(n).padStart(20, '0')];
    case 'ksuid':
      return [String(n).padStart(27, '0')];
    case 'ipv4':
      return [`192.0.2.${n}`];
    case 'ipv6':
      return [`2001:db8::${n}`];
    case 'mac':
      return ['00:00:5E:00:53:01', '00-00-5E-00-53-01'];
    case 'cidrv4':
      return ['192.0.2.0/24'];
    case 'cidrv6':
      return ['2001:db8::/32'];
    case 'base64':
    case 'base64url':
      return ['c2FtcGxl'];
    case 'e164':
      return [`+1202555${String(100 + (nth % 100)).padStart(4, '0')}`];
    case 'credit_card':
      return ['4111111111111111'];
    case 'iban':
      return ['DE89370400440532013000'];
    case 'jwt':
      return ['eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2FtcGxl', 'eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2FtcGxl'];
    case 'emoji':
      return ['🛫'];
    case 'hex':
      return ['0a'];
    case 'hostname':
      return ['example.org'];
    case 'currency_code':
      return ['EUR'];
    default:
      return [];
  }
}

/** A time of day with as many digits of a second as the format wants; -1 means none, not even the seconds. */
function clock(def: z.core.$ZodStringFormatDef): string {
  const precision = 'precision' in def ? def.precision : undefined;
  if (precision === -1) return '09:00';
  return typeof precision === 'number' && precision > 0 ? `09:00:00.${'0'.repeat(precision)}` : '09:00:00';
}

const versionOf = (def: z.core.$ZodStringFormatDef): string =>
  'version' in def && typeof def.version === 'string' ? def.version.slice(1) : '4';

const lengthOf = (def: z.core.$ZodStringFormatDef, usual: number): number =>
  'length' in def && typeof def.length === 'number' ? def.length : usual;
