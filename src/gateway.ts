import type { AxiosInstance } from 'axios';
import { partOf } from '#contracts/kernel/index.js';
import type { Clock } from './clock.js';
import type { Composition } from './composition/composition.js';
import { inputChecks, prepare } from './composition/prepare.js';
import { type Answerable, Edge } from './edge/edge.js';
import type { Logger } from './observe/log.js';
import { Metrics } from './observe/metrics.js';
import { observers } from './observers.js';
import type { Loaded } from './policy/load.js';
import { resolve } from './policy/resolve.js';
import { type Registry, operationsOf } from './registry/registry.js';
import { endpoints } from './upstream/endpoint.js';
import { stack } from './upstream/stack.js';
import { Target } from './upstream/target.js';

/** What a gateway is made of. */
export interface GatewayTerms {
  readonly registry: Registry;
  readonly loaded: Loaded;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the credentials are that the configuration names. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The state of one gateway, without any framework: what both Nest applications stand on. Its pools, counters and
 * endpoints live as long as the process; its policy is an immutable snapshot.
 */
export class Gateway {
  readonly metrics = new Metrics();
  readonly edge: Edge;
  readonly composed: ReadonlyMap<Composition, Answerable>;
  readonly relayed: readonly Answerable[];
  readonly #targets = new Map<string, Target>();
  /** Whether new work is taken: readiness says so, and no other thing. */
  draining = false;

  /** @throws ConfigError where the configuration does not fit the contracts. */
  constructor(
    readonly terms: GatewayTerms,
    http: AxiosInstance,
  ) {
    const { registry, loaded, clock, log, env } = terms;
    const routes = registry.compositions.map((composition) => ({
      route: composition.route,
      operations: operationsOf(composition, registry.operations),
    }));
    const { snapshot, reach } = resolve(loaded, registry.operations, routes, env);
    const observe = observers(log, this.metrics, clock);
    const known = endpoints(registry.operations, (product, version) => this.#target(product, version, reach));
    const checkInput = inputChecks();
    const call = stack({ clock, http, observer: observe.parts, meter: observe.calls, oneByOne: observe.oneByOne });
    this.edge = new Edge({
      clock,
      call,
      snapshot: () => snapshot,
      observer: observe.edge,
      serverTiming: loaded.config.edge.serverTiming,
      consumers: new Set(registry.consumers.map(({ name }) => name)),
    });
    this.composed = new Map(
      registry.compositions.map((composition) => [
        composition,
        {
          name: composition.route.line,
          wire: composition.route.wire,
          input: composition.route.input,
          prepared: prepare(composition, known, checkInput),
        },
      ]),
    );
    this.relayed = [...known.values()].map((endpoint) => ({
      name: endpoint.id,
      wire: endpoint.operation.wire,
      input: endpoint.operation.input,
      endpoint,
      whole: partOf(endpoint.operation, true),
    }));
  }

  /** A composition, ready to be answered. @throws RangeError where it stands outside `src/compositions/`. */
  answerable(composition: Composition): Answerable {
    const found = this.composed.get(composition);
    if (!found) throw new RangeError(`"${composition.route.line}" is not registered: its composition has to stand in src/compositions/`);
    return found;
  }

  /** Closes every connection to products. */
  async close(): Promise<void> {
    await Promise.all([...this.#targets.values()].map((target) => target.close()));
  }

  #target(product: string, version: number, reach: ReturnType<typeof resolve>['reach']): Target {
    const key = `${product} v${version}`;
    let target = this.#targets.get(key);
    if (!target) this.#targets.set(key, (target = new Target(reach(product, version))));
    return target;
  }
}
