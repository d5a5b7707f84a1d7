/** A text of `gateway.yaml`, changed, and whether it may be in force. */
export interface Mutation {
  /** What was done to it. */
  readonly kind: string;
  readonly text: string;
  readonly sound: boolean;
}

/** Something that may be done to a text. It is given numbers from 0 to below 1. */
type Change = (text: string, random: () => number) => string;

const whole = (random: () => number, below: number): number => Math.floor(random() * below);

/** Changes the line of a product; each stands on one, at the end of the text. Of the first one nothing but its address is promised. */
function withLine(text: string, random: () => number, change: (line: string) => string): string {
  const lines = text.split('\n');
  const first = lines.indexOf('products:') + 2;
  const at = first + whole(random, lines.length - 1 - first);
  return lines.with(at, change(lines[at] ?? '')).join('\n');
}

/** Another value of `cache.fresh` for all products, in the place of the one that is there. */
const fresh =
  (value: string): Change =>
  (text) =>
    text.replace(/"fresh":[^,}]+/, `"fresh":${value}`);

/** Changes that leave a sound text sound and make its policy another one. */
const sound: Readonly<Record<string, Change>> = {
  'another time to live': (text, random) => fresh(`"${1000 + whole(random, 80_000_000)}ms"`)(text, random),
  'another limit': (text, random) => text.replace(/"rate":"\d+/, `"rate":"${100_000 + whole(random, 900_000)}`),
};

/** Changes after which no text may be in force. */
const broken: Readonly<Record<string, Change>> = {
  'cut off': (text, random) => text.slice(0, whole(random, text.trimEnd().length)),
  'a product is missing': (text, random) => withLine(text, random, () => ''),
  'a product stands twice': (text, random) => withLine(text, random, (line) => `${line}\n${line}`),
  'a product without an address': (text, random) => withLine(text, random, (line) => line.replace(/"urls":\[[^\]]*\]/, '"urls":[]')),
  'an address of another protocol': (text, random) => withLine(text, random, (line) => line.replace('http:', 'gopher:')),
  'an unknown key': (text, random) => withLine(text, random, (line) => line.replace('{', '{"colour":"red",')),
  'a number for a duration': (text, random) => fresh(String(whole(random, 1000)))(text, random),
  'not a number': fresh('.nan'),
  infinity: fresh('.inf'),
  'a list for a duration': fresh('["1s"]'),
  'nothing for a duration': fresh('null'),
  'a negative duration': fresh('"-5s"'),
  'longer than a day': fresh('"25h"'),
  huge: fresh(`"${'9'.repeat(400)}s"`),
  'a product slower than its route': (text, random) => withLine(text, random, (line) => line.replace('{', '{"deadline":"23h",')),
  'a stray brace': (text, random) => withLine(text, random, (line) => `${line}\n}`),
  'a control character': (text, random) => withLine(text, random, (line) => line.replace('urls', 'ur\u0000ls')),
  'an alias': (text) => text.replace('products:', 'routes: *products\nproducts:'),
  'a tag': (text) => text.replace('products:', "routes: !!js/function 'x'\nproducts:"),
  'a second document': (text) => `${text}---\n{}\n`,
  'no text': () => '',
  'something else': () => '<!doctype html><title>404</title>',
};

/** How many of the changes leave the text sound. */
const SOUND = 0.2;

/** Changes a sound text by chance, into another one than it was changed into before. */
export function mutate(text: string, before: string, random: () => number): Mutation {
  for (;;) {
    const isSound = random() < SOUND;
    const kinds = Object.entries(isSound ? sound : broken);
    const [kind, change] = kinds[whole(random, kinds.length)] ?? ['nothing', (same: string) => same];
    const changed = change(text, random);
    if (changed !== text && changed !== before) return { kind, text: changed, sound: isSound };
  }
}
