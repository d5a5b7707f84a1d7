import type { IncomingHttpHeaders } from 'node:http';

/** What the gateway calls itself in `Via` and `CDN-Loop`. */
const NAME = 'interline';
const VIA = `1.1 ${NAME}`;

/** How much of what another sender wrote goes on to products. */
const LONGEST = 1024;

/** A member of `Via` without its comment: protocol and version, and who it was. */
const VIA_MEMBER = /^(?:[A-Za-z]+\/)?[\d.]+ [\w.:[\]-]+$/;

/** What a member of `Via` may say besides; whoever passes it on may leave it out. */
const COMMENT = /[ \t]*\([^()]*\)/g;

/** A member of `CDN-Loop`: who it was, perhaps with parameters. */
const LOOP_MEMBER = /^[\w.:[\]-]+(?: ?; ?[\w-]+=(?:[\w.-]+|"[\w .-]*"))*$/;

/** The headers that tell a product which way a request came. */
export type Passage = Readonly<Record<'via' | 'cdn-loop', string>>;

const direct: Passage = { via: VIA, 'cdn-loop': NAME };

/** How often a request has come through the gateway before, by its `CDN-Loop` (RFC 8586). */
export function timesThrough({ 'cdn-loop': loop }: IncomingHttpHeaders): number {
  if (loop === undefined) return 0;
  return String(loop)
    .split(',')
    .filter((member) => member.split(';', 1)[0]?.trim().toLowerCase() === NAME).length;
}

/** What a request's calls say of its way: what it said itself, and that it came through here (RFC 9110, 7.6.3; RFC 8586). */
export function passageOf(headers: IncomingHttpHeaders): Passage {
  const { via, 'cdn-loop': loop } = headers;
  if (via === undefined && loop === undefined) return direct;
  const before = membersOf(loop, LOOP_MEMBER) ?? Array<string>(timesThrough(headers)).fill(NAME); // else a circle would look new
  return {
    via: [...(membersOf(via?.replaceAll(COMMENT, ''), VIA_MEMBER) ?? []), VIA].join(', '),
    'cdn-loop': [...before, NAME].join(', '),
  };
}

/** The members of a list; undefined where it is not well formed, so that nobody sends products texts of his own by it. */
function membersOf(list: string | string[] | undefined, member: RegExp): readonly string[] | undefined {
  if (typeof list !== 'string' || list.length > LONGEST) return undefined;
  const members = list.split(',').map((text) => text.trim());
  return members.every((text) => member.test(text)) ? members : undefined;
}
