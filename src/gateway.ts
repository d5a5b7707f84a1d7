import type { AxiosInstance } from 'axios';
import { partOf } from '#contracts/kernel/index.js';
import type { Clock } from './clock.js';
import type { Composition } from './composition/composition.js';
import { inputChecks, prepare } from './composition/prepare.js';
import type { Answerable } from './edge/answerable.js';
import { Edge } from './edge/edge.js';
import { authenticating } from './edge/authenticate.js';
import { Gate } from './edge/gate.js';
import type { Pulse } from './edge/pulse.js';
import { RouteCache } from './edge/route-cache.js';
import { authenticator } from './identity/authenticate.js';
import { forwarding } from './identity/forward.js';
import type { Identities } from './identity/identities.js';
import { Usage, type UsageStore } from './identity/usage.js';
import { type Limiter, localLimiter } from './limits/limiter.js';
import { type HitStorage, limiterOver } from './limits/throttler-storage.js';
import type { Logger } from './observe/log.js';
import { Metrics } from './observe/metrics.js';
import { observers } from './observers.js';
import type { Peers } from './ops/peers.js';
import type { CacheUse } from './pass-through/cache.js';
import { PassThrough } from './pass-through/pass-through.js';
import type { Loaded } from './policy/load.js';
import type { Store } from './cache/store.js';
import type { Shared } from './redis/shared.js';
import type { OverridesStore } from './policy/overrides.js';
import { isPassThrough, withPassThrough } from './policy/pass-through.js';
import { Policy } from './policy/policy.js';
import { type Share, WHOLE, partOfEdge, partOfReach } from './policy/share.js';
import { Reloads } from './policy/reload.js';
import { type Registry, contractsOf } from './registry/registry.js';
import { endpoints } from './upstream/endpoint.js';
import { stack } from './upstream/stack.js';
import { LayerState } from './upstream/state.js';
import { Target } from './upstream/target.js';

/** The topic on which replicas tell each other what was purged. */
const PURGES = 'purge';

/** What a gateway is made of. */
export interface GatewayTerms {
  readonly registry: Registry;
  readonly loaded: Loaded;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the credentials are that the configuration names. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configuration's file, watched while the gateway runs. Undefined: it stays as it is. */
  readonly file?: string;
  /** Where it is kept what operators have turned. */
  readonly overrides: OverridesStore;
  /** By what callers are known, and products know the gateway's tokens. */
  readonly identities: Identities;
  /** Where it is kept who called what. Default: it is forgotten with the process. */
  readonly usage?: UsageStore;
  /** How the process feels: by it the edge sends requests away. */
  readonly pulse: Pulse;
  /** What is counted. Default: counters of its own. */
  readonly metrics?: Metrics;
  /** What this process has of the whole gateway, where it is one of several workers. Default: all of it. */
  readonly share?: Share;
  /** All workers, where this process is one of several: for whoever asks the ops port. */
  readonly peers?: Peers;
  /** Counts the requests of each address with the other workers, where there are some. */
  readonly addresses?: Limiter;
  /** What replicas share. Default: nothing, everything is in memory. */
  readonly shared?: Shared;
  /** Where the limits of callers are counted: any storage of `@nestjs/throttler`. Default: in memory. */
  readonly limits?: HitStorage;
}

/** One version of a product, as it is reached. */
export interface ReachedTarget {
  readonly product: string;
  readonly version: number;
  readonly target: Target;
}

/**
 * The state of one gateway, without any framework: what both Nest applications stand on. Its pools, counters and
 * endpoints live as long as the process; its policy is an immutable snapshot.
 */
export class Gateway {
  readonly metrics: Metrics;
  readonly policy: Policy;
  readonly reloads: Reloads;
  readonly state: LayerState;
  readonly edge: Edge;
  /** Decides for callers of routes, and for writers on the ops port. */
  readonly limiter: Limiter;
  readonly composed: ReadonlyMap<Composition, Answerable>;
  readonly relayed: readonly Answerable[];
  /** The products that have no contract. */
  readonly passedThrough: readonly PassThrough[];
  /** Who called what lately. */
  readonly usage: Usage;
  readonly #targets = new Map<string, ReachedTarget>();
  /** Whether it ends: every answer closes its connection then. */
  draining = false;
  /** Whether another worker answers in the place of this one, which ends: the gateway as a whole is as ready as before. */
  replaced = false;

  /** @throws ConfigError where the configuration does not fit the contracts. */
  constructor(
    readonly terms: GatewayTerms,
    http: AxiosInstance,
    limits: HitStorage,
    store: Store,
  ) {
    const { registry, loaded, clock, log, env, shared, share = WHOLE } = terms;
    const overrides = shared?.overrides ?? terms.overrides;
    this.metrics = terms.metrics ?? new Metrics();
    const contracts = withPassThrough(contractsOf(registry), loaded);
    this.policy = new Policy(loaded, contracts, env, overrides, clock, share);
    const observe = observers(log, this.metrics, clock);
    this.policy.onChange(({ revision }) => observe.policy(revision, [...this.policy.problems()]));
    this.reloads = new Reloads(this.policy, terms.file ?? 'gateway.yaml', observe.reloads);
    const known = endpoints(contracts.operations, (product, version) => this.#target(product, version));
    const checkInput = inputChecks();
    this.state = new LayerState({
      clock,
      random: Math.random,
      store,
      cacheObserver: observe.caches,
      breakerChanged: observe.breaker,
      tier: shared?.tier,
      publish: shared && ((labels) => shared.bus.publish(PURGES, labels)),
    });
    const { caches } = this.state;
    shared?.bus.on(PURGES, { message: (labels) => caches.receive(labels), mayHaveMissed: () => caches.mayHaveMissed() });
    this.usage = new Usage(clock, terms.usage, (error) => log.warn({ err: error }, 'who called what could not be kept'));
    const uses = (route: string, consumer: string): void => this.usage.uses(route, consumer);
    const config = (): Loaded['config'] => this.policy.resolved.loaded.config;
    let edge = partOfEdge(loaded.config.edge, share);
    this.policy.onChange((_, { loaded: { config } }) => (edge = partOfEdge(config.edge, share)));
    const { keyring, issuers, minter } = terms.identities;
    const isKnown = (name: string): boolean => Object.hasOwn(config().consumers, name);
    const authenticate = authenticating(authenticator({ keyring, issuers, minter, clock, isKnown }));
    const call = stack({
      clock,
      random: Math.random,
      http,
      observer: observe.parts,
      meter: observe.calls,
      oneByOne: observe.oneByOne,
      state: this.state,
      forward: forwarding(minter, () => config().products),
    });
    this.limiter = limiterOver(limits, localLimiter(clock), clock);
    const routeCache = new RouteCache(caches);
    this.metrics.caches(() => ({ products: this.cached(), routes: routeCache.counts }));
    this.edge = new Edge({
      clock,
      call,
      routeCache,
      draining: () => this.draining,
      snapshot: () => this.policy.snapshot,
      gate: new Gate({
        clock,
        config: () => edge,
        limiter: this.limiter,
        addresses: terms.addresses,
        pulse: terms.pulse,
        authenticate,
        uses,
      }),
      observer: observe.edge,
      serverTiming: loaded.config.edge.serverTiming,
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
    this.relayed = [...known.values()]
      .filter(({ operation }) => !isPassThrough(operation))
      .map((endpoint) => ({
        name: endpoint.id,
        wire: endpoint.operation.wire,
        input: endpoint.operation.input,
        endpoint,
        whole: partOf(endpoint.operation, true),
      }));
    this.passedThrough = contracts.operations.filter(isPassThrough).flatMap((operation) => {
      const endpoint = known.get(operation);
      const { mount } = loaded.config.products[operation.product] ?? {};
      const maxBodyBytes = (): number => this.policy.resolved.loaded.config.edge.maxBody;
      const draining = (): boolean => this.draining;
      const { parts: observer, calls: meter } = observe;
      return endpoint ? [new PassThrough({ endpoint, mount, clock, observer, meter, state: this.state, maxBodyBytes, draining })] : [];
    });
  }

  /** Where each version of each product is reached. */
  get targets(): readonly ReachedTarget[] {
    return [...this.#targets.values()];
  }

  /** What is kept of each product of which something was read, and how it is used; whether it has a contract or not. */
  cached(): Readonly<Record<string, CacheUse>> {
    const passed = this.passedThrough.flatMap((product) => {
      const use = product.cached();
      return use ? [[product.name, use] as const] : [];
    });
    return { ...this.state.caches.state().products, ...Object.fromEntries(passed) };
  }

  /** A composition, ready to be answered. @throws RangeError where it stands outside `src/compositions/`. */
  answerable(composition: Composition): Answerable {
    const found = this.composed.get(composition);
    if (!found) throw new RangeError(`"${composition.route.line}" is not registered: its composition has to stand in src/compositions/`);
    return found;
  }

  /** Closes every connection to products. */
  async close(): Promise<void> {
    this.policy.close();
    this.terms.identities[Symbol.dispose]();
    await this.usage[Symbol.asyncDispose]();
    await this.terms.shared?.close();
    await Promise.all(this.targets.map(({ target }) => target.close()));
  }

  #target(product: string, version: number): Target {
    const key = `${product} v${version}`;
    const known = this.#targets.get(key);
    if (known) return known.target;
    const { share } = this.policy;
    const target = new Target(partOfReach(this.policy.resolved.reach(product, version), share));
    this.#targets.set(key, { product, version, target });
    this.policy.onChange((_, { reach }) => target.reach(partOfReach(reach(product, version), share)));
    return target;
  }
}
