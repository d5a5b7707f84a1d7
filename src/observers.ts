import type { Failure, PartStates } from '#contracts/kernel/index.js';
import type { CacheObserver } from './cache/caches.js';
import type { Clock } from './clock.js';
import type { EdgeObserver } from './edge/edge.js';
import { type Logger, REQUEST, Sparingly, unredacted } from './observe/log.js';
import type { Metrics, OperationLabels } from './observe/metrics.js';
import type { Problem } from './policy/refusal.js';
import type { ReloadObserver } from './policy/reload.js';
import type { BreakerObserver } from './upstream/breaker.js';
import type { Endpoint } from './upstream/endpoint.js';
import type { SharedTerms } from './redis/shared.js';
import type { CallMeter } from './upstream/meter.js';
import type { CallObserver } from './upstream/observe.js';
import type { OneByOne } from './upstream/batch.js';

/** Turns what the edge and the stack tell into metrics and log lines. The one place where those meet. */
export interface Observers {
  readonly edge: EdgeObserver;
  readonly parts: CallObserver;
  readonly calls: CallMeter;
  readonly oneByOne: OneByOne;
  readonly breaker: BreakerObserver;
  readonly caches: CacheObserver;
  readonly reloads: ReloadObserver;
  /** Another policy is in force; `problems` says what of it is not. */
  readonly policy: (revision: string, problems: readonly Problem[]) => void;
}

/** Makes the observers over one log and one set of metrics. */
export function observers(log: Logger, metrics: Metrics, clock: Clock): Observers {
  const sparingly = new Sparingly();
  const labels = labelsByEndpoint();
  const lines = unredacted(log);

  function warn(endpoint: Endpoint, reader: string, failure: Failure): void {
    const { product, version, operation, kind, fields, status } = failure;
    const held = sparingly.admit(`${endpoint.id} ${reader} ${kind} ${fields?.join() ?? ''}`, clock.now());
    if (held === undefined) return;
    log.warn({ kind, product, version, operation, reader, fields, status, held: held || undefined, err: failure.cause }, failure.message);
  }

  return {
    edge: {
      begins: () => metrics.requestBegins(),
      ends({ requestId, traceId, route, consumer }, { status, category, ms, parts, error }) {
        metrics.requestEnds(route, consumer, category, ms);
        if (!log.isLevelEnabled('info') && category !== 'failure_local_bug') return;
        const line = { requestId, traceId, route, consumer, status, category, ms: Math.round(ms * 100) / 100, parts: troubled(parts) };
        if (category === 'failure_local_bug') log.error({ ...line, err: error }, REQUEST);
        else lines.info(line, REQUEST);
      },
    },
    parts: {
      part(endpoint, reader, failure) {
        metrics.part(labels(endpoint), reader, failure?.kind ?? 'ok');
        if (!failure || failure.kind === 'declared' || failure.kind === 'cancelled') return;
        if (failure.kind === 'contract') metrics.violation(labels(endpoint), failure.fields ?? [], reader);
        if (failure.kind === 'refused' && (failure.status === 401 || failure.status === 403)) metrics.credentialRefused(failure.product);
        warn(endpoint, reader, failure);
      },
    },
    calls: {
      begins: ({ operation }) => metrics.callBegins(operation.product),
      ends: (endpoint, ms, failure) => metrics.callEnds(labels(endpoint), failure?.kind ?? 'ok', ms),
    },
    oneByOne: (endpoint, reader, calls) => {
      if (sparingly.admit(`${endpoint.id} ${reader} one by one`, clock.now()) === undefined) return;
      log.warn(
        { reader, operation: endpoint.id, calls },
        `${reader} awaits ${endpoint.id} call by call; call them all first and gather them, and they go out as one`,
      );
    },
    breaker(endpoint, to) {
      metrics.breaker(labels(endpoint), to);
      const line = { operation: endpoint.id, breaker: to };
      if (to === 'open') log.warn(line, `the breaker of ${endpoint.id} is open`);
      else log.info(line, `the breaker of ${endpoint.id} is ${to}`);
    },
    caches: {
      bug: (error) => log.error({ err: error }, 'a refresh in the background threw'),
      undecodable: () => metrics.undecodable(),
    },
    reloads: {
      accepted(revision, restart) {
        metrics.reload('accepted');
        log.info({ revision }, 'a new configuration is in force');
        for (const setting of restart) log.warn({ setting }, `${setting} has changed and takes a restart`);
      },
      rejected(problems) {
        metrics.reload('rejected');
        for (const problem of problems) log.error({ problem }, 'the configuration was rejected, the last good one stays in force');
      },
    },
    policy(revision, problems) {
      metrics.policy(revision);
      for (const { path, message } of problems) log.warn({ path }, `${path}: ${message}`);
    },
  };
}

/** Turns what Redis does into metrics and log lines: each trouble once a second. */
export function redisObservers(log: Logger, metrics: Metrics, clock: Clock): Pick<SharedTerms, 'observer' | 'undecodable' | 'limitedHere'> {
  const sparingly = new Sparingly();
  metrics.redis(false); // until it is there
  return {
    observer: {
      changed(up) {
        metrics.redis(up);
        if (up) log.info('Redis is there');
        else log.warn('Redis is away: everything goes on in memory');
      },
      command: (name, outcome) => metrics.redisCommand(name, outcome),
      trouble(error) {
        const held = sparingly.admit(Error.isError(error) ? error.message : 'trouble', clock.now());
        if (held !== undefined) log.warn({ err: error, held: held || undefined }, 'Redis');
      },
    },
    undecodable: () => metrics.undecodable(),
    limitedHere: () => metrics.limitedHere(),
  };
}

/** The parts that are not simply there, for the log. */
function troubled(parts: PartStates | undefined): PartStates | undefined {
  const rest = Object.entries(parts ?? {}).filter(([, part]) => part.state !== 'ok' && part.state !== 'skipped');
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function labelsByEndpoint(): (endpoint: Endpoint) => OperationLabels {
  const known = new Map<Endpoint, OperationLabels>();
  return (endpoint) => {
    let labels = known.get(endpoint);
    if (!labels) {
      const { product, version, name } = endpoint.operation;
      known.set(endpoint, (labels = { product, version: String(version), operation: name }));
    }
    return labels;
  };
}
