import { describe, expect, it } from '@jest/globals';
import { callerAddress } from '../../src/edge/address.js';

const PEER = '10.0.0.1';

describe('the address of a caller', () => {
  it('is the other end of the connection where no proxy of ours stands before us, whatever is said', () => {
    for (const said of [undefined, '192.0.2.1', '192.0.2.1, 192.0.2.2', 'unknown', '']) expect(callerAddress(PEER, said, 0)).toBe(PEER);
  });

  const rows: readonly (readonly [string, number, string, string])[] = [
    ['the last one with one proxy', 1, '192.0.2.1, 192.0.2.2, 192.0.2.3', '192.0.2.3'],
    ['the last but one with two', 2, '192.0.2.1, 192.0.2.2, 192.0.2.3', '192.0.2.2'],
    ['the first of a list that is as long as our proxies are many', 3, '192.0.2.1, 192.0.2.2, 192.0.2.3', '192.0.2.1'],
    ['the first of a list that is shorter', 5, '192.0.2.1, 192.0.2.2', '192.0.2.1'],
    ['without spaces', 2, '192.0.2.1,192.0.2.2', '192.0.2.1'],
    ['with spaces and tabs', 1, '192.0.2.1,\t 192.0.2.2 \t', '192.0.2.2'],
    ['with its port', 1, '192.0.2.1:4711', '192.0.2.1'],
    ['an IPv6 address with its port', 1, '[2001:db8::1]:4711', '2001:db8:0:0::/64'],
    ['an IPv6 address in brackets', 1, '[2001:db8::1]', '2001:db8:0:0::/64'],
    ['a bare IPv6 address', 1, '2001:db8::1', '2001:db8:0:0::/64'],
  ];
  it.each(rows)('is counted from the right of X-Forwarded-For: %s', (_, hops, said, expected) => {
    expect(callerAddress(PEER, said, hops)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    ',',
    '192.0.2.1,',
    'unknown',
    '_hidden',
    '192.0.2.256',
    '192.0.2',
    '[',
    '[]',
    ':',
    ':4711',
    '2001:db8',
    'a'.repeat(10_000),
  ])('is the other end of the connection where a proxy wrote no address: %j', (said) => {
    expect(callerAddress(PEER, said, 1)).toBe(PEER);
  });

  it('is the other end of the connection where no proxy wrote anything', () => {
    expect(callerAddress(PEER, undefined, 2)).toBe(PEER);
  });

  it.each([
    '2001:db8:1:2::',
    '2001:db8:1:2::1',
    '2001:DB8:1:2:FFFF:ffff:ffff:ffff',
    '2001:0db8:0001:0002:0:0:0:9',
    '2001:db8:1:2::192.0.2.1',
    '2001:db8:1:2::1%eth0',
  ])('is one for a whole /64, however it is written: %s', (peer) => {
    expect(callerAddress(peer, undefined, 0)).toBe('2001:db8:1:2::/64');
  });

  it('tells one /64 from the next', () => {
    expect(callerAddress('2001:db8:1:3::1', undefined, 0)).toBe('2001:db8:1:3::/64');
    expect(callerAddress('::1', undefined, 0)).toBe('0:0:0:0::/64');
  });

  it.each(['::ffff:192.0.2.7', '::FFFF:192.0.2.7', '::ffff:c000:207', '0:0:0:0:0:ffff:c000:0207'])(
    'is the IPv4 address that IPv6 wraps: %s',
    (peer) => {
      expect(callerAddress(peer, undefined, 0)).toBe('192.0.2.7');
    },
  );

  it('is the same for all whose connection has none', () => {
    expect(callerAddress(undefined, undefined, 0)).toBe('unknown');
  });
});
