import { parseArgs } from 'node:util';
import { Span } from '../policy/units.js';

/** What `npm run consumer --` was asked to do. */
export type Asked =
  | { readonly action: 'add'; readonly name: string }
  | { readonly action: 'rotate'; readonly name: string; readonly overlapMs: number }
  | { readonly action: 'revoke'; readonly nameOrId: string }
  | { readonly action: 'list' | 'help' };

export const USAGE = `npm run -s consumer -- <what>
  add <name>                          make a key for a consumer of contracts/consumers, and print it, once
  rotate <name> [--overlap <time>]    make a key in place of its one, which stays valid that long (default: 24h; off: not at all)
  revoke <name or id>                 take back all keys of a consumer, or one
  list                                print which keys are valid, by id
  --help                              print this`;

/** Arguments that are not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the arguments. @throws UsageError saying what was expected. */
export function readArguments(argv: readonly string[]): Asked {
  const { positionals, values } = parsed(argv);
  if (values.help) return { action: 'help' };
  const [action = '', name, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`expected one name, got "${[name, ...more].join(' ')}"`);
  if (values.overlap !== undefined && action !== 'rotate') throw new UsageError('--overlap: expected with rotate alone');
  switch (action) {
    case 'add':
      return { action, name: named(action, name) };
    case 'rotate':
      return { action, name: named(action, name), overlapMs: overlapOf(values.overlap ?? '24h') };
    case 'revoke':
      return { action, nameOrId: named(action, name) };
    case 'list':
      if (name !== undefined) throw new UsageError(`list: expected nothing more, got "${name}"`);
      return { action };
    default:
      throw new UsageError(`expected add, rotate, revoke or list, got "${action}"`);
  }
}

function named(action: string, name: string | undefined): string {
  if (name === undefined || name === '') throw new UsageError(`${action}: expected a name`);
  return name;
}

function overlapOf(text: string): number {
  const read = Span.safeParse(text);
  if (!read.success) throw new UsageError(`--overlap: expected a duration like "30m", 24h at most, or "off", got "${text}"`);
  return read.data;
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { overlap: { type: 'string' }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(Error.isError(error) ? error.message : String(error), { cause: error });
  }
}
