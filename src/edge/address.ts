import { isIPv4, isIPv6 } from 'node:net';

/**
 * Who sent a request, as limits know it: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address of a
 * /64 has them all. One address has one spelling, however it is written.
 * @param peer who is at the other end of the connection
 * @param forwardedFor `X-Forwarded-For`: each proxy adds at its right end whom it was asked by
 * @param trustedHops how many proxies of ours stand before the gateway: what stands further left, anybody may have written
 */
export function callerAddress(peer: string | undefined, forwardedFor: string | string[] | undefined, trustedHops: number): string {
  const reported = trustedHops > 0 && typeof forwardedFor === 'string' ? entryFromRight(forwardedFor, trustedHops) : '';
  return normalized(reported) ?? normalized(peer ?? '') ?? 'unknown';
}

/** The entry at this place, counted from the right; the leftmost one of a list that is shorter: a proxy of ours wrote that too. */
const entryFromRight = (list: string, place: number): string => withoutPort(list.split(',').slice(-place)[0]?.trim() ?? '');

/** Some proxies write the port as well: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  if (entry.startsWith('[')) return entry.slice(1, entry.indexOf(']'));
  const colon = entry.indexOf(':');
  return colon === entry.lastIndexOf(':') && colon > 0 ? entry.slice(0, colon) : entry;
}

/** Undefined where it is no address. */
function normalized(address: string): string | undefined {
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const groups = groupsOf(address);
  const [, , , , , mark = 0, high = 0, low = 0] = groups;
  const mapped = mark === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (mapped) return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of a well-formed IPv6 address. */
function groupsOf(address: string): number[] {
  const [plain = ''] = address.split('%');
  const [left = '', right] = plain.split('::');
  const head = groupsIn(left);
  if (right === undefined) return head;
  const tail = groupsIn(right);
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function groupsIn(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
