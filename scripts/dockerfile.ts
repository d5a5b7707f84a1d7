/** One line of a Dockerfile, continuations joined. */
export interface Step {
  readonly line: number;
  readonly instruction: string;
  /** `--from=build` as `{ from: 'build' }`. */
  readonly flags: Readonly<Record<string, string>>;
  /** What follows the flags, as written. */
  readonly text: string;
}

/** What stands between one FROM and the next. */
export interface Stage {
  /** What `COPY --from` calls it: the name after AS, else its position. */
  readonly name: string;
  readonly image: string;
  readonly steps: readonly Step[];
}

/**
 * Reads a Dockerfile as far as this project writes one: no ARG, no heredoc, no ONBUILD.
 * @throws SyntaxError naming the line that is not understood.
 */
export function parseDockerfile(text: string): readonly [Stage, ...Stage[]] {
  const stages: { name: string; image: string; steps: Step[] }[] = [];
  for (const step of steps(text)) {
    if (step.instruction === 'FROM') {
      const [image = '', as, name] = step.text.split(/\s+/);
      if (as !== undefined && (as.toUpperCase() !== 'AS' || name === undefined)) throw wrong(step.line, 'FROM image AS name', step.text);
      stages.push({ name: name ?? String(stages.length), image, steps: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw wrong(step.line, 'FROM first', step.instruction);
      stage.steps.push(step);
    }
  }
  const [first, ...rest] = stages;
  if (first === undefined) throw new SyntaxError('Dockerfile: expected at least one FROM');
  return [first, ...rest];
}

/**
 * The words of an exec form: `["node", "main.js"]`.
 * @throws SyntaxError where it is the shell form, under which no signal reaches the process.
 */
export function execForm(step: Step, text: string = step.text): readonly [string, ...string[]] {
  const words: unknown = text.startsWith('[') ? JSON.parse(text) : undefined;
  if (!Array.isArray(words) || !words.every((word): word is string => typeof word === 'string'))
    throw wrong(step.line, 'the exec form, ["program", "argument"]', text);
  const [program, ...rest] = words;
  if (program === undefined) throw wrong(step.line, 'a program', text);
  return [program, ...rest];
}

function* steps(text: string): Generator<Step> {
  let pending = '';
  let begins = 0;
  for (const [at, raw] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    if (pending === '') begins = at + 1;
    if (raw.trimEnd().endsWith('\\')) {
      pending += `${raw.trimEnd().slice(0, -1)} `;
      continue;
    }
    yield step(begins, (pending + raw).trim());
    pending = '';
  }
  if (pending !== '') throw wrong(begins, 'a line after the backslash', pending);
}

function step(line: number, text: string): Step {
  const [, instruction, rest = ''] = /^([A-Za-z]+)\s+(.*)$/.exec(text) ?? [];
  if (instruction === undefined) throw wrong(line, 'an instruction and what it takes', text);
  const flags: Record<string, string> = {};
  let left = rest;
  for (let flag = FLAG.exec(left); flag?.groups; flag = FLAG.exec(left)) {
    flags[flag.groups['name'] ?? ''] = flag.groups['value'] ?? '';
    left = left.slice(flag[0].length);
  }
  return { line, instruction: instruction.toUpperCase(), flags, text: left };
}

const FLAG = /^--(?<name>[a-z-]+)=(?<value>\S+)\s+/;

const wrong = (line: number, expected: string, got: string): SyntaxError =>
  new SyntaxError(`Dockerfile:${line}: expected ${expected}, got "${got}"`);
