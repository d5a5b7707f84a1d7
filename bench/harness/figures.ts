import { median } from '../../scripts/soak/figures.ts';

/** How far figures lie apart: largest less smallest, as a share of their median. */
export const spread = (figures: readonly number[]): number => (Math.max(...figures) - Math.min(...figures)) / median(figures);

/** A figure of which three digits are to be trusted. */
export function digits(figure: number): string {
  if (!Number.isFinite(figure)) return '-';
  if (Math.abs(figure) >= 1000) return Math.round(figure).toLocaleString('en');
  return Math.abs(figure) >= 100 ? figure.toFixed(0) : figure.toPrecision(figure < 1 ? 2 : 3);
}

/** A table as Markdown writes it: the first column to the left, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(3, name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
