/** What a gateway counts, as its ops port says it in Prometheus' text format. */
export class Metrics {
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split('\n').filter((line) => !line.startsWith('#'));
  }

  /** The sum of all series of a name whose labels hold these texts: `sum('interline_parts_total', 'product="auth"')`. */
  sum(name: string, ...labels: readonly string[]): number {
    let sum = 0;
    for (const line of this.#lines) {
      const rest = line.slice(name.length);
      if (!line.startsWith(name) || !/^[ {]/.test(rest) || !labels.every((label) => rest.includes(label))) continue;
      sum += Number(rest.slice(rest.lastIndexOf(' ')));
    }
    return sum;
  }

  /** The labels of the one series of a name. */
  label(name: string, label: string): string | undefined {
    const line = this.#lines.find((one) => one.startsWith(`${name}{`));
    return line && new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1];
  }
}
