import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { addLine } from '../../scripts/scaffold/controller.ts';
import { nameOf } from '../../scripts/scaffold/name.ts';

const controller = (imports: readonly string[], lines: readonly string[]): string => `import { Controller } from '@nestjs/common';
${imports.map((line) => `${line}\n`).join('')}import { Gateway } from '../gateway.js';

@Controller()
export class PublicController {
  constructor(private readonly gateway: Gateway) {}
${lines.length > 0 ? `\n${lines.map((line) => `  ${line}\n`).join('')}` : ''}
  #answer(composition: Composition, request: Q, reply: R): Promise<void> {
    this.gateway.edge.answer(this.gateway.answerable(composition), request, reply);
  }
}
`;

const [me, trip, studentDashboard] = [
  "import { me } from '../compositions/me.js';",
  "import { trip } from '../compositions/trip.js';",
  "import { studentDashboard } from '../compositions/student-dashboard.js';",
];

describe('a line that is added to the controller', () => {
  it('stands where the alphabet puts it, and the table is as wide as its longest name', () => {
    const before = controller(
      [me, trip],
      [
        '@Answers(me)   me(q: Q, r: R)   { return this.#answer(me, q, r); }',
        '@Answers(trip) trip(q: Q, r: R) { return this.#answer(trip, q, r); }',
      ],
    );
    expect(addLine(before, nameOf('student-dashboard', 'name'))).toBe(
      controller(
        [me, studentDashboard, trip],
        [
          '@Answers(me)               me(q: Q, r: R)               { return this.#answer(me, q, r); }',
          '@Answers(studentDashboard) studentDashboard(q: Q, r: R) { return this.#answer(studentDashboard, q, r); }',
          '@Answers(trip)             trip(q: Q, r: R)             { return this.#answer(trip, q, r); }',
        ],
      ),
    );
  });

  it('may be the first', () => {
    expect(addLine(controller([], []), nameOf('me', 'name'))).toBe(
      controller([me], ['@Answers(me) me(q: Q, r: R) { return this.#answer(me, q, r); }']),
    );
  });

  it('leaves the lines of the real controller as they are', () => {
    const text = readFileSync(new URL('../../src/edge/public.controller.ts', import.meta.url), 'utf8');
    const after = addLine(text, nameOf('zeppelin', 'name'));
    const added = ["import { zeppelin } from '../compositions/zeppelin.js';", /@Answers\(zeppelin\)/];
    const others = after.split('\n').filter((line) => !added.some((one) => (typeof one === 'string' ? line === one : one.test(line))));
    expect(others.join('\n')).toBe(text);
  });

  it.each(['me', 'gateway', 'request'])('is refused where its name means something there: %s', (name) => {
    const text = controller([me], ['@Answers(me) me(q: Q, r: R) { return this.#answer(me, q, r); }']);
    expect(() => addLine(text, nameOf(name, 'name'))).toThrow(
      expect.objectContaining({ name: 'Refusal', message: expect.stringContaining(`"${name}" is in use`) }),
    );
  });

  it('is refused where there is no table to add it to', () => {
    expect(() => addLine('export {};\n', nameOf('me', 'name'))).toThrow(expect.objectContaining({ name: 'Refusal' }));
  });
});
