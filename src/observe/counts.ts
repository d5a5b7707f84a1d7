import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** What a series is called and told of, and where it is read. */
export interface SeriesTerms<Keys extends readonly unknown[]> {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** The labels of what is counted under these keys. */
  readonly labels: (...keys: Keys) => Labels;
}

/** A series as `prom-client` is told of it. */
type Series = Pick<SeriesTerms<never>, 'name' | 'help' | 'labelNames'> & { readonly registers: [] };

/** One number of a series. */
interface Numbered {
  readonly labels: Labels;
  value: number;
}

/** What is counted under a few keys, each of which is a text or one and the same object each time. */
abstract class Numbers<Keys extends readonly unknown[]> {
  readonly #cells = new Cells<Numbered>();

  /** @param made is the metric that `prom-client` reads them by */
  constructor(
    readonly terms: SeriesTerms<Keys>,
    made: (series: Series, all: readonly Numbered[]) => Counter | Gauge,
  ) {
    const { registry, name, help, labelNames } = terms;
    registry.registerMetric(made({ name, help, labelNames, registers: [] }, this.#cells.all));
  }

  /** Adds so much to what is counted under these keys. */
  add(value: number, ...keys: Keys): void {
    const at = this.#cells.at(keys);
    const cell = at.cell ?? this.#cells.keep(at, { labels: this.terms.labels(...keys), value: 0 });
    cell.value += value;
  }
}

/**
 * A counter on the way of every request: `prom-client` puts a text of all labels together for each count, which costs more than
 * a layer does. Here a count is a few looks into maps and an addition, and labels are for whoever reads.
 */
export class Counts<Keys extends readonly unknown[]> extends Numbers<Keys> {
  constructor(terms: SeriesTerms<Keys>) {
    super(terms, (series, all) => {
      return new Counter({
        ...series,
        collect() {
          this.reset();
          for (const { labels, value } of all) this.inc(labels, value);
        },
      });
    });
  }
}

/** A gauge on the way of every request, for the same reason. */
export class Levels<Keys extends readonly unknown[]> extends Numbers<Keys> {
  constructor(terms: SeriesTerms<Keys>) {
    super(terms, (series, all) => {
      return new Gauge({
        ...series,
        collect() {
          for (const { labels, value } of all) this.set(labels, value);
        },
      });
    });
  }
}

/** How long things took, of one set of labels. */
interface Spans {
  readonly labels: Labels;
  count: number;
  sum: number;
  /** How many were up to each bound and above the one before. */
  readonly upTo: number[];
}

/** A histogram on the way of every request, for the same reason. */
export class Timings<Keys extends readonly unknown[]> {
  readonly #cells = new Cells<Spans>();

  /** @param bounds in rising order */
  constructor(
    readonly terms: SeriesTerms<Keys>,
    readonly bounds: readonly number[],
  ) {
    const { registry, name, help, labelNames } = terms;
    registry.registerMetric(new Read({ name, help, labelNames }, bounds, this.#cells.all));
  }

  /** Counts one that took so long, under these keys. */
  add(value: number, ...keys: Keys): void {
    const at = this.#cells.at(keys);
    const { bounds } = this;
    const cell = at.cell ?? this.#cells.keep(at, { labels: this.terms.labels(...keys), count: 0, sum: 0, upTo: bounds.map(() => 0) });
    cell.count++;
    cell.sum += value;
    let nth = 0;
    while (nth < bounds.length && value > (bounds[nth] ?? Infinity)) nth++;
    if (nth < bounds.length) cell.upTo[nth] = (cell.upTo[nth] ?? 0) + 1;
  }
}

/** What `prom-client` reads of timings, in the form of its own histogram. */
class Read extends Histogram {
  constructor(
    readonly terms: Pick<SeriesTerms<never>, 'name' | 'help' | 'labelNames'>,
    readonly bounds: readonly number[],
    readonly all: readonly Spans[],
  ) {
    super({ ...terms, buckets: [...bounds], registers: [] });
  }

  /** Where a text is made, and where JSON is, `prom-client` asks a histogram for this. */
  getForPromString() {
    const { name, help } = this.terms;
    return { name, help, type: 'histogram', aggregator: 'sum', values: this.all.flatMap((spans) => this.#valuesOf(spans)) };
  }

  #valuesOf({ labels: sharedLabels, count, sum, upTo }: Spans) {
    const [bucket, name] = [`${this.terms.name}_bucket`, this.terms.name];
    let below = 0;
    return [
      ...this.bounds.map((le, nth) => ({ metricName: bucket, labels: { le }, sharedLabels, value: (below += upTo[nth] ?? 0) })),
      { metricName: bucket, labels: { le: '+Inf' }, sharedLabels, value: count },
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
    ];
  }
}

/** Up to how many keys it is quicker to look at each than to look one up. */
const FEW = 8;

/** A place in a tree of keys, with the cell there, where there is one. */
class Place<Cell> {
  /** The places below of the keys that came first. */
  readonly #first: Place<Cell>[] = [];
  readonly #others = new Map<unknown, Place<Cell>>();
  cell: Cell | undefined;

  /** @param key by which it stands in the place above */
  constructor(readonly key: unknown) {}

  below(key: unknown): Place<Cell> {
    for (const place of this.#first) if (place.key === key) return place;
    return this.#others.get(key) ?? this.#open(key);
  }

  #open(key: unknown): Place<Cell> {
    const place = new Place<Cell>(key);
    if (this.#first.length < FEW) this.#first.push(place);
    else this.#others.set(key, place);
    return place;
  }
}

/** Cells by a few keys each: they are looked up one after another, so that no text is put together of them. */
class Cells<Cell> {
  readonly #root = new Place<Cell>(undefined);
  readonly all: Cell[] = [];

  at(keys: readonly unknown[]): Place<Cell> {
    let place = this.#root;
    for (const key of keys) place = place.below(key);
    return place;
  }

  keep(place: Place<Cell>, cell: Cell): Cell {
    this.all.push(cell);
    return (place.cell = cell);
  }
}
