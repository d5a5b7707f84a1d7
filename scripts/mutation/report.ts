import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Module } from './modules.ts';

/** A place in a file; lines and columns are counted from 1. */
interface Point {
  readonly line: number;
  readonly column: number;
}

/** One change of the source and what the tests made of it. */
export interface Mutant {
  readonly fileName: string;
  readonly location: { readonly start: Point; readonly end: Point };
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
}

/** Noticed: a test failed, or did not come to an end. */
const KILLED: ReadonlySet<string> = new Set(['Killed', 'Timeout']);
/** Not noticed: no test failed, or none came there. */
const ALIVE: ReadonlySet<string> = new Set(['Survived', 'NoCoverage']);

/** Prints what nobody noticed, and a table of the modules. Tells whether each keeps its floor and nothing broke off. */
export function reported(modules: readonly Module[], mutants: readonly Mutant[], floor: number): boolean {
  const mine = mutants.map((mutant) => ({ ...mutant, fileName: relative(process.cwd(), mutant.fileName) }));
  for (const mutant of mine.filter(({ status }) => ALIVE.has(status))) console.log(told(mutant));
  console.log(`\n| module | files | mutants | killed | score |\n| --- | --- | ---: | ---: | ---: |`);
  let keeps = mine.every(({ status }) => KILLED.has(status) || ALIVE.has(status) || status === 'Ignored');
  if (!keeps) console.log('a mutant could not be judged');
  for (const { name, files } of modules) {
    const own = mine.filter(({ fileName }) => files.includes(fileName));
    const killed = own.filter(({ status }) => KILLED.has(status)).length;
    const all = killed + own.filter(({ status }) => ALIVE.has(status)).length;
    const score = (100 * killed) / all;
    keeps &&= score >= floor;
    console.log(`| ${name} | ${files.map((file) => `\`${file}\``).join(', ')} | ${all} | ${killed} | ${score.toFixed(1)} % |`);
  }
  console.log(keeps ? `\neach module keeps its ${floor} %` : `\nnot every module keeps its ${floor} %`);
  return keeps;
}

/** `src/limits/gcra.ts:58:22 EqualityOperator: room >= 1 → room > 1`. */
function told({ fileName, location: { start, end }, mutatorName, replacement, status }: Mutant): string {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  const text = lines.map((line, i) => line.slice(i === 0 ? start.column - 1 : 0, i === last ? end.column - 1 : undefined)).join('\n');
  const where = `${fileName}:${start.line}:${start.column}`;
  return `${where} ${mutatorName}${status === 'NoCoverage' ? ' (no test comes here)' : ''}: ${short(text)} → ${short(replacement)}`;
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
