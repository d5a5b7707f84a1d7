/** Names that most answers have, by their length: making a text of bytes, each time anew, costs more than to see that it is one of them. */
const names: readonly string[] = (
  'age etag date link vary server expires location connection keep-alive set-cookie retry-after traceparent content-type x-powered-by ' +
  'x-request-id accept-ranges cache-control last-modified content-length content-encoding content-language transfer-encoding'
).split(' ');
const common = Array.from({ length: 20 }, (_, length) => names.filter((name) => name.length === length));

/** Reads the name of a header, in lower case. The bytes are those of a token. */
export function nameOf(bytes: Buffer, from: number, to: number): string {
  for (const name of common[to - from] ?? []) if (isSame(name, bytes, from)) return name;
  return bytes.toString('latin1', from, to).toLowerCase();
}

/** Whether the bytes are this name, in whatever case: of what a token is made of, only letters and `-` become one of its own by the bit. */
function isSame(name: string, bytes: Buffer, from: number): boolean {
  for (let at = 0; at < name.length; at++) if (((bytes[from + at] ?? 0) | 0x20) !== name.charCodeAt(at)) return false;
  return true;
}
