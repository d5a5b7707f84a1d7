import { type Aggregator, Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { FailureKind } from '#contracts/kernel/index.js';
import { type CacheNumbers, cacheMetrics } from './cache-metrics.js';
import { Counts, Levels, Timings } from './counts.js';
import { Series } from './series.js';

/** Which operation of which product: every label comes from a contract, so there are never more than contracts have. */
export interface OperationLabels {
  readonly product: string;
  readonly version: string;
  readonly operation: string;
}

const OPERATION = ['product', 'version', 'operation'] as const;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What the gateway counts. All names begin with `interline_`; all labels are bounded by contracts and configuration. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #responses = new Counts({
    ...this.#series('interline_responses_total', 'Answers, each in exactly one category.', ['route', 'consumer', 'category']),
    labels: (route: string, consumer: string, category: string) => ({ route, consumer, category }),
  });
  readonly #responseSeconds = new Timings(
    {
      ...this.#series('interline_response_seconds', 'From the head of a request to its answer.', ['route']),
      labels: (route: string) => ({ route }),
    },
    SECONDS,
  );
  readonly #inFlight = new Levels({
    ...this.#series('interline_requests_in_flight', 'Requests that are being answered.', []),
    labels: () => ({}),
  });
  readonly #parts = new Counts({
    ...this.#series('interline_parts_total', 'Calls of parts, by who reads them: an outcome is ok or a kind of failure.', [
      'reader',
      ...OPERATION,
      'outcome',
    ]),
    labels: (operation: OperationLabels, reader: string, outcome: string) => ({ ...operation, reader, outcome }),
  });
  readonly #calls = new Counts({
    ...this.#series('interline_product_calls_total', 'Calls on the wire: a batch counts once.', [...OPERATION, 'outcome']),
    labels: (operation: OperationLabels, outcome: string) => ({ ...operation, outcome }),
  });
  readonly #callSeconds = new Timings(
    {
      ...this.#series('interline_product_call_seconds', 'How long products take.', OPERATION),
      labels: (operation: OperationLabels) => ({ ...operation }),
    },
    SECONDS,
  );
  readonly #callsInFlight = new Levels({
    ...this.#series('interline_product_calls_in_flight', 'Calls on the wire that have no answer yet.', ['product']),
    labels: (product: string) => ({ product }),
  });
  readonly #violations = this.#counter('interline_contract_violations_total', 'Fields that were read and broke their contract.', [
    'product',
    'version',
    'operation',
    'path',
    'reader',
  ]);
  readonly #credentials = this.#counter(
    'interline_credential_refused_total',
    "Calls for which a product refused the gateway's credential: an alarm.",
    ['product'],
  );
  readonly #connections = this.#counter(
    'interline_connections_refused_total',
    'Connections of callers that were closed at once: too many in all (most), or from one address (perAddress).',
    ['why'],
  );
  readonly #unread = this.#counter(
    'interline_answers_unread_total',
    'Answers that their callers did not read in time, and connections that were closed for it.',
    [],
  );
  readonly #reloads = this.#counter(
    'interline_config_reloads_total',
    'New texts of gateway.yaml: accepted, or rejected while the last good one stays.',
    ['result'],
  );
  readonly #policy = this.#gauge('interline_policy_info', 'The policy in force, by its revision; always 1.', ['revision'], 'max');
  readonly #breakers = this.#gauge(
    'interline_breaker_state',
    'The breaker of an operation: 0 closed, 1 half-open, 2 open; of several workers the one that is furthest from closed.',
    OPERATION,
    'max',
  );
  readonly #undecodable = this.#counter('interline_cache_undecodable_total', 'What Redis held for a key and was no entry of ours.', []);
  #workers: Gauge | undefined;
  #redis: Gauge | undefined; // where there is none to be had, it is not down
  readonly #redisCommands = this.#counter('interline_redis_commands_total', 'Commands to Redis: ok, down, slow or error.', [
    'command',
    'outcome',
  ]);
  readonly #limitedHere = this.#counter(
    'interline_limiter_fallback_total',
    'Requests whose limit each instance kept by itself, its share of it, since Redis could not say.',
    [],
  );

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A request begins. */
  requestBegins(): void {
    this.#inFlight.add(1);
  }

  /** A request has ended; `ms` in milliseconds. */
  requestEnds(route: string, consumer: string, category: string, ms: number): void {
    this.#inFlight.add(-1);
    this.#responses.add(1, route, consumer, category);
    this.#responseSeconds.add(ms / 1000, route);
  }

  /** A part was answered, or failed. */
  part(operation: OperationLabels, reader: string, outcome: FailureKind | 'ok'): void {
    this.#parts.add(1, operation, reader, outcome);
  }

  /** A call goes out to a product. */
  callBegins(product: string): void {
    this.#callsInFlight.add(1, product);
  }

  /** A call to a product has ended; `ms` in milliseconds. */
  callEnds(operation: OperationLabels, outcome: FailureKind | 'ok', ms: number): void {
    this.#callsInFlight.add(-1, operation.product);
    this.#calls.add(1, operation, outcome);
    this.#callSeconds.add(ms / 1000, operation);
  }

  /** Fields that `reader` reads broke their contract. */
  violation(operation: OperationLabels, fields: readonly string[], reader: string): void {
    for (const path of fields) this.#violations.inc({ ...operation, path, reader });
  }

  /** A product refused our credential. */
  credentialRefused(product: string): void {
    this.#credentials.inc({ product });
  }

  /** A connection was one too many. */
  connectionRefused(why: string): void {
    this.#connections.inc({ why });
  }

  /** An answer was not read in time. */
  answerUnread(): void {
    this.#unread.inc();
  }

  /** A breaker has changed. */
  breaker(operation: OperationLabels, to: keyof typeof BREAKER): void {
    this.#breakers.set({ ...operation }, BREAKER[to]);
  }

  /** The second tier of the cache held something else than an entry. */
  undecodable(): void {
    this.#undecodable.inc();
  }

  /** Reads what the caches keep, and how they answered, whenever somebody looks. */
  caches(read: () => CacheNumbers): void {
    for (const metric of cacheMetrics(read)) this.#registry.registerMetric(metric);
  }

  /** Redis answers, or does not. */
  redis(up: boolean): void {
    this.#redis ??= this.#gauge(
      'interline_redis_up',
      'Whether Redis answers (all workers): 1, or 0. Not there without REDIS_URL.',
      [],
      'min',
    );
    this.#redis.set(up ? 1 : 0);
  }

  /** This process answers as one of several workers, or does no more. */
  worker(answers: boolean): void {
    this.#workers ??= this.#gauge('interline_workers', 'Workers that take requests. Not there where WORKERS is 1.', []);
    this.#workers.set(answers ? 1 : 0);
  }

  /** A command to Redis has ended, or was not sent. */
  redisCommand(command: string, outcome: string): void {
    this.#redisCommands.inc({ command, outcome });
  }

  /** A request's limit was kept by this instance alone. */
  limitedHere(): void {
    this.#limitedHere.inc();
  }

  /** A new text of gateway.yaml was seen. */
  reload(result: 'accepted' | 'rejected'): void {
    this.#reloads.inc({ result });
  }

  /** Another policy is in force. */
  policy(revision: string): void {
    this.#policy.reset(); // one series, whatever came before
    this.#policy.set({ revision }, 1);
  }

  /** Everything, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Everything in numbers, for whoever adds up what several processes say. */
  async series(): Promise<readonly Series[]> {
    return Series.array().parse(await this.#registry.getMetricsAsJSON());
  }

  /** The media type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  /** `aggregator`: what those of several workers come to. */
  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[], aggregator: Aggregator = 'sum'): Gauge<L> {
    return new Gauge({ name, help, labelNames, aggregator, registers: [this.#registry] });
  }

  #series(name: string, help: string, labelNames: readonly string[]) {
    return { registry: this.#registry, name, help, labelNames };
  }
}
