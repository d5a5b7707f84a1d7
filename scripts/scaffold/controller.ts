import type { Name } from './name.ts';
import { Refusal } from './refusal.ts';

const FILE = 'src/edge/public.controller.ts';
const IMPORT = /^import \{ \w+ \} from '\.\.\/compositions\/[\w-]+\.js';$/;
const LINE = /^ {2}@Answers\((\w+)\)/;

/**
 * The text of the controller with one more route: its import and its line, both where the alphabet puts them; the lines
 * stay a table.
 * @throws Refusal where the name is in use there, or the table is not to be found.
 */
export function addLine(text: string, { camel, kebab }: Name): string {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g, '');
  if (new RegExp(String.raw`\b${camel}\b`).test(code)) throw new Refusal(`${FILE}: "${camel}" is in use there; choose another --name`);
  const lines = text.split('\n');
  const inClass = lines.findIndex((line) => line.includes('constructor('));
  const routes = lines.flatMap((line) => LINE.exec(line)?.[1] ?? []);
  if (inClass === -1 || !lines.some((line) => line.includes('this.gateway.edge.answer(')))
    throw new Refusal(`${FILE}: expected a constructor and #answer`);
  const table = tableOf([...routes, camel]);
  const firstLine = lines.findIndex((line) => LINE.test(line));
  const without = lines.filter((line) => !LINE.test(line));
  if (firstLine === -1) without.splice(inClass + 1, 0, '', ...table);
  else without.splice(firstLine, 0, ...table);
  return inserted(without, `import { ${camel} } from '../compositions/${kebab}.js';`).join('\n');
}

/** A line for each route, in order, its columns one below the other. */
function tableOf(routes: readonly string[]): string[] {
  const width = Math.max(...routes.map((route) => route.length));
  return routes.toSorted().map((route) => {
    const decorator = `@Answers(${route})`.padEnd('@Answers()'.length + width);
    const method = `${route}(q: Q, r: R)`.padEnd('(q: Q, r: R)'.length + width);
    return `  ${decorator} ${method} { return this.#answer(${route}, q, r); }`;
  });
}

/** Puts an import among those of compositions. */
function inserted(lines: readonly string[], line: string): string[] {
  const imports = lines.filter((other) => IMPORT.test(other));
  const rest = lines.filter((other) => !IMPORT.test(other));
  const before = lines.findIndex((other) => IMPORT.test(other));
  const at = before === -1 ? rest.findIndex((other) => /^import .* from '\.\.?\//.test(other)) : before;
  return rest.toSpliced(Math.max(at, 0), 0, ...[...imports, line].sort(byPath));
}

const pathOf = (line: string): string => line.slice(line.indexOf(' from '));
const byPath = (a: string, b: string): number => (pathOf(a) < pathOf(b) ? -1 : 1);
