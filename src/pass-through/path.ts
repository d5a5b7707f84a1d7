/**
 * What follows the first segments of a request's address, spelled as the caller spelled it, query included: `/a%2Fb?c` of
 * `/products/monolith/a%2Fb?c` after 2. Undefined where it would not stay where it was sent: a segment is `.` or `..` once
 * decoded, or holds characters that no path has.
 */
export function pathAfter(url: string, segments: number): string | undefined {
  const [target = ''] = url.startsWith('/') && !url.includes('#') ? [url] : url.replace(ORIGIN, '').split('#', 1);
  const end = target.indexOf('?');
  const path = end === -1 ? target : target.slice(0, end);
  let from = -1;
  for (let left = segments + 1; left > 0 && from < path.length; left--) {
    from = path.indexOf('/', from + 1);
    if (from === -1) from = path.length;
  }
  const rest = path.slice(from + 1);
  if (ODD.test(rest) && !rest.split('/').every(stays)) return undefined;
  return `/${rest}${end === -1 ? '' : target.slice(end)}`;
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** What a segment has that does not stay, or may hide what it is. */
const ODD = /[%.\\]/;

/** Whether a segment names something below where it stands, to a server too that decodes it before it splits it. */
function stays(segment: string): boolean {
  if (!ODD.test(segment)) return true;
  let decoded;
  try {
    decoded = decodeURIComponent(segment);
  } catch {
    return false;
  }
  return !CONTROL.test(decoded) && decoded.split(/[/\\]/).every((piece) => piece !== '.' && piece !== '..' && !/^\.{1,2};/.test(piece));
}

const CONTROL = /\p{Cc}/u;
