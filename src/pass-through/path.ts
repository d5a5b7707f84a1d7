/**
 * What follows the first segments of a request's address, spelled as the caller spelled it, query included: `/a%2Fb?c` of
 * `/products/monolith/a%2Fb?c` after 2. Undefined where it would not stay where it was sent: a segment is `.` or `..` once
 * decoded, or holds characters that no path has.
 */
export function pathAfter(url: string, segments: number): string | undefined {
  const [target = ''] = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split('#', 1);
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  const rest = path.split('/').slice(segments + 1);
  return rest.every(stays) ? `/${rest.join('/')}${query === -1 ? '' : target.slice(query)}` : undefined;
}

/** Whether a segment names something below where it stands, to a server too that decodes it before it splits it. */
function stays(segment: string): boolean {
  if (!/[%.\\]/.test(segment)) return true;
  let decoded;
  try {
    decoded = decodeURIComponent(segment);
  } catch {
    return false;
  }
  return !CONTROL.test(decoded) && decoded.split(/[/\\]/).every((piece) => piece !== '.' && piece !== '..' && !/^\.{1,2};/.test(piece));
}

const CONTROL = /\p{Cc}/u;
