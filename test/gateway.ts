import { writeFileSync } from 'node:fs';
import { Controller, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DestinationStream } from 'pino';
import type { AnyOperation } from '#contracts/kernel/index.js';
import type { Clock } from '../src/clock.js';
import type { Composition } from '../src/composition/composition.js';
import { Answers } from '../src/edge/public.controller.js';
import type { Pulse } from '../src/edge/pulse.js';
import { Gateway } from '../src/gateway.js';
import type { Issuer } from '../src/identity/issuer.js';
import type { Limiter } from '../src/limits/limiter.js';
import type { HitStorage } from '../src/limits/throttler-storage.js';
import { type Logger, makeLog } from '../src/observe/log.js';
import { Metrics } from '../src/observe/metrics.js';
import { redisObservers } from '../src/observers.js';
import { parse } from '../src/policy/load.js';
import { type OverridesStore, overridesInMemory } from '../src/policy/overrides.js';
import type { Share } from '../src/policy/share.js';
import { Shared } from '../src/redis/shared.js';
import type { Registry } from '../src/registry/registry.js';
import { type RunningGateway, startGateway } from '../src/start.module.js';
import type { FakeProduct } from './fake-product.js';
import { type HandClock, handClock } from './hand-clock.js';
import { testIdentities } from './identities.js';
import { openText } from './open-access.js';

/** What a test says of the gateway that it wants; all else is as gateway.yaml has it by default. */
export interface Wanted {
  readonly products: readonly FakeProduct[];
  readonly compositions?: readonly Composition[];
  readonly consumers?: Registry['consumers'];
  /** Who may reach the ops port. */
  readonly ops?: { readonly opsHost?: string; readonly opsToken?: string; readonly opsHosts?: readonly string[] };
  /** Who else than the gateway issues tokens. */
  readonly issuers?: readonly Issuer[];
  /** Deadlines in milliseconds: of an attempt, of an answer. */
  readonly deadlineMs?: number;
  readonly routeDeadlineMs?: number;
  readonly fanOut?: number;
  readonly serverTiming?: boolean;
  /** Further lines of gateway.yaml, at its top level. */
  readonly yaml?: string;
  /** Further fields of `defaults.route`: `limit: { rate: 5/s }`; of `defaults.product`: `cache: { fresh: 10s }`. */
  readonly route?: string;
  readonly product?: string;
  /** Further fields of products, by their names: `{ library: 'cache: { fresh: 10s }' }`. */
  readonly policies?: Readonly<Record<string, string>>;
  /** Where its gateway.yaml is written and watched. Default: nowhere. */
  readonly file?: string;
  readonly clock?: Clock;
  readonly pulse?: Pulse;
  readonly limits?: HitStorage;
  /** What it has of the whole, where it is one of several workers. */
  readonly share?: Share;
  /** Counts the requests of each address with others. */
  readonly addresses?: Limiter;
  /** This gateway's own copy of what operators turn. */
  readonly overrides?: OverridesStore;
  /** The address of the Redis that it shares with other gateways; it is waited for, up to 250 ms on the clock. */
  readonly redis?: string;
  /** Further variables of the environment: keys of products that are no fakes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What came back, with its JSON read. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** A whole gateway over real sockets on free ports, its clock moved by hand. */
export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  readonly opsUrl: string;
  readonly clock: HandClock;
  readonly running: RunningGateway;
  /** The gateway.yaml that it started with. */
  readonly yaml: string;
  /** The key of one of its consumers, for `x-api-key`. */
  keyOf(consumer: string): string;
  /** Every log line so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Resolves once there are so many log lines. */
  logged(lines: number): Promise<void>;
  get(path: string, init?: RequestInit): Promise<Got>;
  /** A counter's value: the sum over all its series that have these labels. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
}

/** Starts a gateway over fake products. Only those compositions are served that are given, if any. */
export async function testGateway(wanted: Wanted): Promise<TestGateway> {
  const { products, compositions = [], consumers = [] } = wanted;
  const clock = handClock();
  const overrides = wanted.overrides ?? overridesInMemory();
  const log: Record<string, unknown>[] = [];
  let waiting: { readonly lines: number; readonly tell: () => void }[] = [];
  const lines: DestinationStream = {
    write(line) {
      log.push(JSON.parse(line) as Record<string, unknown>);
      for (const { tell } of waiting.filter(({ lines }) => lines <= log.length)) tell();
      waiting = waiting.filter(({ lines }) => lines > log.length);
    },
  };
  const written = `
defaults:
  product: { deadline: ${wanted.deadlineMs ?? 500} ms, breaker: { minimum: 100000 }, bulkhead: { concurrent: 10000, wait: 1ms }${wanted.product === undefined ? '' : `, ${wanted.product}`} }
  route: { deadline: ${wanted.routeDeadlineMs ?? 2000} ms, fanOut: ${wanted.fanOut ?? 50}${wanted.route === undefined ? '' : `, ${wanted.route}`} }
${wanted.yaml?.includes('edge:') ? '' : `edge: { serverTiming: ${wanted.serverTiming ?? false} }`}
products:
${products.map(({ name, url }) => `  ${name}:\n    urls: ['${url}']\n    credential: { variable: ${keyOf(name)} }\n${wanted.policies?.[name] === undefined ? '' : `    ${wanted.policies[name]}\n`}`).join('')}
${wanted.yaml ?? ''}`;
  const names = consumers.map(({ name }) => name);
  const yaml = openText(
    written,
    compositions.map(({ route }) => route.line),
    names,
  );
  if (wanted.file !== undefined) writeFileSync(wanted.file, yaml);
  const operations: AnyOperation[] = products.flatMap((product) => [...product.operations]);
  const logger = makeLog('debug', lines);
  const metrics = new Metrics();
  const shared =
    wanted.redis === undefined ? undefined : sharedAt(wanted.redis, { clock: wanted.clock ?? clock, logger, metrics, file: overrides });
  await shared?.redis.upWithin(250);
  const loaded = parse(yaml, wanted.file ?? 'gateway.yaml');
  const env = { ...Object.fromEntries(products.map(({ name }) => [keyOf(name), `key-of-${name}`])), ...wanted.env };
  const { identities, keys } = await testIdentities(loaded, names, { clock: wanted.clock ?? clock, env, issuers: wanted.issuers });
  const running = await startGateway(
    {
      registry: { operations, compositions, consumers },
      loaded,
      identities,
      ...(wanted.file !== undefined && { file: wanted.file }),
      clock: wanted.clock ?? clock,
      log: logger,
      metrics,
      overrides,
      ...(shared && { shared }),
      pulse: wanted.pulse ?? { delayMs: 0, heapShare: () => 0 },
      ...(wanted.limits && { limits: wanted.limits }),
      ...(wanted.share && { share: wanted.share }),
      ...(wanted.addresses && { addresses: wanted.addresses }),
      env,
    },
    { port: 0, host: '127.0.0.1', opsPort: 0, opsHost: '127.0.0.1', ...wanted.ops },
    controllerOf(compositions),
  );
  return {
    url: running.url,
    opsUrl: running.opsUrl,
    clock,
    running,
    yaml,
    keyOf(consumer) {
      const key = keys.get(consumer);
      if (key === undefined) throw new RangeError(`no consumer ${consumer}`);
      return key;
    },
    log,
    logged: (lines) =>
      new Promise((tell) => {
        if (log.length >= lines) tell();
        else waiting.push({ lines, tell });
      }),
    async get(path, init) {
      const response = await fetch(running.url + path, init);
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : undefined,
      };
    },
    async metric(name, labels = {}) {
      const text = await (await fetch(`${running.opsUrl}/metrics`)).text();
      return text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
        .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    },
    async [Symbol.asyncDispose]() {
      const stopped = running.stop(0, 0);
      clock.advance(0); // its time is over: connections on which nothing was asked yet are not waited for
      await stopped;
    },
  };
}

/** The variable of the environment that holds a product's key. */
const keyOf = (product: string): string => `KEY_OF_${product.toUpperCase().replaceAll('-', '_')}`;

/** What it shares through Redis, as the process makes it. */
function sharedAt(
  url: string,
  {
    clock,
    logger,
    metrics,
    file,
  }: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics; readonly file: OverridesStore },
): Shared {
  return new Shared({ url, hmacKey: undefined, clock, random: Math.random, file, ...redisObservers(logger, metrics, clock) });
}

/** A controller with a line for each composition, as `public.controller.ts` has them by hand. */
function controllerOf(compositions: readonly Composition[]): Type {
  @Controller()
  class TestController {
    constructor(readonly gateway: Gateway) {}
  }
  compositions.forEach((composition, i) => {
    const name = `route${i}`;
    const answer = function answer(this: TestController, request: FastifyRequest, reply: FastifyReply): void {
      this.gateway.edge.answer(this.gateway.answerable(composition), request, reply);
    };
    const descriptor: PropertyDescriptor = { value: answer, configurable: true, writable: true };
    Object.defineProperty(TestController.prototype, name, descriptor);
    Answers(composition)(TestController.prototype, name, descriptor);
  });
  return TestController;
}
