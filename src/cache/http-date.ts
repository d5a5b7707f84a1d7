const TIME = String.raw`(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d):(?<second>[0-5]\d|60)`;
const FORMS = [
  String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) ${TIME} GMT`,
  String.raw`(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) ${TIME} GMT`,
  String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) ${TIME} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`));
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A date in one of HTTP's three forms (RFC 9110, 5.6.7), in milliseconds since 1970; undefined where it is none: `Date.parse`
 * takes nearly anything for one.
 * @param now the date that a year of two digits is read by: no more than 50 years after it
 */
export function httpDate(text: string, now: number): number | undefined {
  if (text.length !== FULL) return read(text, now);
  if (text !== last.text) last = { text, at: read(text, now) };
  return last.at;
}

/** The length of a date in the first form, which says all of its year. */
const FULL = 29;

/** Answers of one second bear one date, letter by letter. */
let last: { readonly text: string; readonly at: number | undefined } = { text: '', at: undefined };

function read(text: string, now: number): number | undefined {
  const part = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!part) return undefined;
  const month = MONTHS.indexOf(part['month'] ?? '');
  const day = Number(part['day']);
  let year = Number(part['year']);
  if (part['year']?.length === 2) {
    const thisYear = new Date(now).getUTCFullYear();
    year += thisYear - (thisYear % 100);
    if (year > thisYear + 50) year -= 100;
  }
  const date = Date.UTC(year, month, day, Number(part['hour']), Number(part['minute']), Number(part['second']));
  return month !== -1 && day > 0 && day <= new Date(Date.UTC(year, month + 1, 0)).getUTCDate() ? date : undefined;
}
