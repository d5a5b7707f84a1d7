import { z } from 'zod';

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2 };

/** A number with a unit, as people write it, up to what a timer or a buffer can hold. */
const quantity = (units: Readonly<Record<string, number>>, examples: string, most: string, atMost: number) =>
  z
    .string({ error: `expected ${examples}` })
    .regex(new RegExp(`^\\d+(\\.\\d+)? ?(${Object.keys(units).join('|')})$`), { error: `expected ${examples}` })
    .transform((text) => {
      const [, amount = '', unit = ''] = /^([\d.]+) ?(\w+)$/.exec(text) ?? [];
      return Math.round(Number(amount) * (units[unit] ?? 1));
    })
    .refine((value) => value > 0, { error: `expected more than nothing: ${examples}` })
    .refine((value) => value <= atMost, { error: `expected ${most} or less` });

/** A span of time, in milliseconds once read: `800ms`, `2s`. */
export const Duration = quantity(MS, 'a duration like "800ms" or "2s"', '24h', 24 * 3_600_000);

/** A size, in bytes once read: `64 KiB`, `5 MiB`. */
export const Size = quantity(BYTES, 'a size like "64 KiB" or "5 MiB"', '1024 MiB', 1024 ** 3);

/** Turns off what it stands for. YAML 1.2 reads it as a text. */
const OFF = 'off';

/** A span of time, in milliseconds once read, or `off`, which is 0. */
export const Span = z.union([z.literal(OFF).transform(() => 0), Duration], { error: 'expected a duration like "800ms" or "2s", or "off"' });

const RATES = 'expected a rate like "200/s" or "30/m", or "off" for no limit; to stop calls altogether, isolate the product';

/** A rate, per second once read: `200/s`, `30/m`; `off` for no limit, which is Infinity. */
export const Rate = z.union(
  [
    z.literal(OFF).transform(() => Infinity),
    z
      .string()
      .regex(/^\d+(\.\d+)?\/[smh]$/)
      .transform((text) => {
        const [amount = '', unit = ''] = text.split('/');
        return (Number(amount) * 1000) / (MS[unit] ?? 1000);
      })
      .refine((perSecond) => perSecond > 0, { error: RATES }),
  ],
  { error: RATES },
);
