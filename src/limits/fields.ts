import type { Admission, Rate } from './gcra.js';

/**
 * The headers that tell a caller of a limit (draft-ietf-httpapi-ratelimit-headers): `RateLimit-Policy: "route";q=100;w=1`
 * is the rate, as a quota per window in seconds; `RateLimit: "route";r=42;t=3` is what is left at once, and the seconds
 * until all of it is there again. The window is the time in which a burst is earned, a second at least.
 */
export function rateLimitFields(
  name: string,
  { perSecond, burst }: Rate,
  { remaining, resetMs }: Admission,
): Readonly<Record<string, string>> {
  const window = Math.max(1, Math.ceil(burst / perSecond));
  return {
    'ratelimit-policy': `"${name}";q=${Math.round(perSecond * window)};w=${window}`,
    ratelimit: `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
  };
}
