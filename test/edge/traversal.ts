import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const corpus = join(import.meta.dirname, '../../../shared/corpora/traversal.json');
/** What every payload asks for, so that it is known again wherever it comes out. */
const FILE = 'etc/pass-me-back';

/** Ways out of a folder, as they have been tried: the corpus where it lies beside the project, else a list made here. */
export const payloads: readonly string[] = existsSync(corpus)
  ? (JSON.parse(readFileSync(corpus, 'utf8')) as string[]).map((text) => text.replaceAll('{FILE}', FILE))
  : generated();

function generated(): string[] {
  process.stdout.write('traversal: no ../shared/corpora/traversal.json here, a generated list stands in for its 22,582 spellings\n');
  const dots = ['..', '%2e%2e', '.%2e', '%252e%252e', '%c0%ae%c0%ae', '....', '..;', '．．', '%u002e%u002e', '.\u0000.', '..%00'];
  const slashes = ['/', '\\', '%2f', '%5c', '%252f', '%255c', '%c0%af', '%u2215', '//', '\\/', '／', '%2f/'];
  return dots.flatMap((dot) => slashes.flatMap((slash) => [1, 2, 3, 6, 9].map((times) => `${(dot + slash).repeat(times)}${FILE}`)));
}

/** As JSON may carry it. */
export const bytes = (text: string): string => Buffer.from(text).toString('latin1');
/** As one piece of an address. */
export const escaped = (text: string): string => encodeURIComponent(text.toWellFormed());
/** As it stands, as far as an address can carry it. */
export const raw = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, (char) => escaped(char)).replaceAll('#', '%23');
