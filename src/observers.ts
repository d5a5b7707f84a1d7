import type { Failure, PartStates } from '#contracts/kernel/index.js';
import type { Clock } from './clock.js';
import type { EdgeObserver } from './edge/edge.js';
import { type Logger, Sparingly } from './observe/log.js';
import type { Metrics, OperationLabels } from './observe/metrics.js';
import type { Endpoint } from './upstream/endpoint.js';
import type { CallMeter } from './upstream/meter.js';
import type { CallObserver } from './upstream/observe.js';
import type { OneByOne } from './upstream/batch.js';

/** Turns what the edge and the stack tell into metrics and log lines. The one place where those meet. */
export interface Observers {
  readonly edge: EdgeObserver;
  readonly parts: CallObserver;
  readonly calls: CallMeter;
  readonly oneByOne: OneByOne;
}

/** Makes the observers over one log and one set of metrics. */
export function observers(log: Logger, metrics: Metrics, clock: Clock): Observers {
  const sparingly = new Sparingly();
  const labels = labelsByEndpoint();

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
        const line = { requestId, traceId, route, consumer, status, category, ms: Math.round(ms * 100) / 100, parts: troubled(parts) };
        if (category === 'failure_local_bug') log.error({ ...line, err: error }, 'request');
        else log.info(line, 'request');
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
