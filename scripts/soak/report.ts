/** Prints what a scenario finds, a line each: the figure, and the floor that it has to keep. */
export class Report {
  #below = 0;

  /** How many figures did not keep their floor. */
  get below(): number {
    return this.#below;
  }

  /** What comes now, and which rows it shows. */
  begins(scenario: string, rows: string): void {
    console.log(`\n${scenario} (${rows})`);
  }

  /** Something to know that has no floor. */
  note(text: string): void {
    console.log(`        ${text}`);
  }

  atMost(row: string, what: string, figure: number, floor: number, unit = ''): void {
    this.#line(figure <= floor, row, what, figure, `at most ${shown(floor)}`, unit);
  }

  atLeast(row: string, what: string, figure: number, floor: number, unit = ''): void {
    this.#line(figure >= floor, row, what, figure, `at least ${shown(floor)}`, unit);
  }

  exactly(row: string, what: string, figure: number, floor: number): void {
    this.#line(figure === floor, row, what, figure, `exactly ${shown(floor)}`, '');
  }

  /** Something went wrong that has no figure. */
  fails(what: string): void {
    this.#below++;
    console.log(`  BELOW ${what}`);
  }

  #line(keeps: boolean, row: string, what: string, figure: number, floor: string, unit: string): void {
    if (!keeps) this.#below++;
    console.log(`  ${keeps ? 'ok   ' : 'BELOW'} ${row.padEnd(4)} ${what}: ${shown(figure)}${unit && ` ${unit}`} (${floor})`);
  }
}

/** A figure as it is read: whole, or to three digits. */
const shown = (figure: number): string =>
  Number.isInteger(figure) ? String(figure) : Math.abs(figure) >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
