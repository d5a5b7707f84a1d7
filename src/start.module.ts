import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppModule } from './app.module.js';
import { labelOf } from './cache/labels.js';
import { Connections } from './edge/connections.js';
import { linesMissing } from './edge/public.controller.js';
import { otherMethods, publishKeys, relayRoutes } from './edge/routes.js';
import { server } from './edge/server.js';
import { Gateway, type GatewayTerms } from './gateway.js';
import { docs } from './openapi/docs.js';
import { openapi } from './openapi/document.js';
import { type Insides, OpsModule } from './ops/ops.module.js';
import { alone } from './ops/peers.js';
import { opsServer } from './ops/server.js';
import { passThroughRoutes } from './pass-through/routes.js';
import { WHOLE, partOfEdge } from './policy/share.js';
import { watch } from './policy/watch.js';
import { ContractError } from './registry/contract-error.js';

/** Where a gateway listens; 0 takes any free port. */
export interface Listen {
  readonly port: number;
  readonly host: string;
  readonly opsPort: number;
  readonly opsHost: string;
  /** What requests to the ops port have to show. Undefined: nothing, on the loopback address alone. */
  readonly opsToken?: string | undefined;
  /** What the ops port is called besides the names of the loopback address. */
  readonly opsHosts?: readonly string[];
}

/** A gateway that answers. */
export interface RunningGateway {
  readonly gateway: Gateway;
  /** The public Nest application: `app.get(HttpService)` is where interceptors are registered. */
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly opsUrl: string;
  /** Ends without failing a request: not ready, a wait of `drainMs` for balancers, then no new connections; calls in flight end within `withinMs`. */
  stop(drainMs?: number, withinMs?: number): Promise<void>;
  /**
   * Ends as one of several workers whose place is taken: no new connections from now on, those that there are have `drainMs` to ask
   * once more and be told that they are closed; calls in flight end within `withinMs`. Ready all the while, since the others are.
   */
  leave(drainMs: number, withinMs: number): Promise<void>;
}

/** What Nest is to do with `setErrorHandler` and `setNotFoundHandler`: nothing, the edge has its own. */
class EdgeAdapter extends FastifyAdapter {
  override setErrorHandler(): never {
    return undefined as never; // oxlint-disable-line typescript/no-unsafe-type-assertion -- Nest does not look at it
  }
  override setNotFoundHandler(): never {
    return undefined as never; // oxlint-disable-line typescript/no-unsafe-type-assertion -- Nest does not look at it
  }
}

/**
 * Starts both Nest applications over one gateway. The controller has a line for each composition.
 * @throws ConfigError, ContractError before anything listens.
 */
export async function startGateway(terms: GatewayTerms, listen: Listen, controller?: Type): Promise<RunningGateway> {
  const missing = linesMissing(terms.registry.compositions);
  if (missing.length > 0) throw new ContractError(missing);
  const { config } = terms.loaded;
  const instance = server({ maxBodyBytes: config.edge.maxBody, requestTimeoutMs: config.edge.requestTimeout }, () => gateway.edge);
  const options = { logger: false, abortOnError: false, bodyParser: false } as const;
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(terms, controller), new EdgeAdapter(instance), options);
  const gateway = app.get(Gateway);
  await gateway.policy.restore();
  await gateway.usage.restore();
  gateway.policy.store.onChange?.(() => {
    gateway.policy
      .restore()
      .catch((error: unknown) => terms.log.error({ err: error }, 'overrides that another instance stored could not be read'));
  });
  const connections = new Connections(
    instance.server,
    { ...partOfEdge(config.edge, terms.share ?? WHOLE).connections, patienceMs: config.edge.requestTimeout, clock: terms.clock },
    { refused: (why) => gateway.metrics.connectionRefused(why), unread: () => gateway.metrics.answerUnread() },
  );
  routes(instance, gateway);
  const opsInstance = opsServer({ token: listen.opsToken, hosts: listen.opsHosts ?? [], clock: terms.clock });
  closesAtTheEnd(opsInstance, gateway);
  const ops = await NestFactory.create<NestFastifyApplication>(
    OpsModule.over(gateway, insidesOf(gateway)),
    new FastifyAdapter(opsInstance),
    options,
  );
  try {
    await ops.listen(listen.opsPort, listen.opsHost);
    await app.listen(listen.port, listen.host);
  } catch (error) {
    await Promise.all([app.close(), ops.close()]); // else the port that was free would keep the process alive
    throw error;
  }
  const watching = terms.file === undefined ? undefined : watch(terms.file, terms.clock, (text) => gateway.reloads.take(text));
  const { stop, leave } = stopper([instance.server, opsInstance.server], [app, ops], gateway, connections);
  return {
    gateway,
    app,
    url: urlOf(app),
    opsUrl: urlOf(ops),
    stop(drainMs, withinMs) {
      watching?.close();
      return stop(drainMs, withinMs);
    },
    leave(drainMs, withinMs) {
      watching?.close();
      return leave(drainMs, withinMs);
    },
  };
}

/** What operators see and reach of the layers. */
const insidesOf = (gateway: Gateway, { breakers, bulkheads, limits, caches } = gateway.state): Insides => ({
  purge: { purge: (selector) => caches.purge([labelOf(selector)]) },
  states: {
    breakers: () => breakers.state(),
    bulkheads: () => bulkheads.state(),
    limit: (product, rate) => limits.state(product, rate),
    caches: () => gateway.cached(),
  },
  peers: gateway.terms.peers ?? alone(),
});

function routes(instance: FastifyInstance, gateway: Gateway): void {
  const { edge, relayed, passedThrough, terms } = gateway;
  const composed = terms.registry.compositions.map(({ route }) => route);
  relayRoutes(instance, edge, relayed);
  otherMethods(instance, edge, composed, relayed);
  docs(instance, openapi({ operations: terms.registry.operations, routes: composed }));
  passThroughRoutes(instance, edge, passedThrough);
  publishKeys(instance, () => terms.identities.minter.publicJwks());
  closesAtTheEnd(instance, gateway);
}

/** Once a gateway ends, every answer says that its connection is closed: callers go elsewhere with the next request. */
function closesAtTheEnd(instance: FastifyInstance, gateway: Gateway): void {
  instance.addHook('onSend', (_, reply, payload, done) => {
    if (gateway.draining) reply.header('connection', 'close');
    done(null, payload);
  });
}

function stopper(
  servers: readonly Server[],
  apps: readonly NestFastifyApplication[],
  gateway: Gateway,
  connections: Connections,
): Pick<RunningGateway, 'stop' | 'leave'> {
  const { clock } = gateway.terms;
  let stopping: Promise<void> | undefined;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  const stop = async (drainMs: number, withinMs: number): Promise<void> => {
    gateway.draining = true; // readiness says 503, and every answer closes its connection
    if (drainMs > 0) await pause(drainMs);
    await close(withinMs);
  };
  const leave = async (drainMs: number, withinMs: number): Promise<void> => {
    gateway.replaced = true;
    gateway.draining = true;
    const closed = Promise.all(servers.map(acceptNoMore));
    await Promise.race([closed, pause(drainMs)]);
    connections.closeSilent();
    for (const server of servers) server.closeIdleConnections();
    const hard = clock.after(withinMs, () => servers.forEach((server) => server.closeAllConnections()));
    await closed; // Fastify would not wait for connections of a server that listens no more
    hard.cancel();
    await close(withinMs);
  };
  const close = async (withinMs: number): Promise<void> => {
    connections.closeSilent();
    const hard = clock.after(withinMs, () => servers[0]?.closeAllConnections());
    await Promise.all(apps.map((app) => app.close()));
    hard.cancel();
    await gateway.close();
  };
  return {
    stop(drainMs = 0, withinMs = 4000) {
      // One that leaves has no more time than the others, once all end.
      if (gateway.replaced) clock.after(drainMs + withinMs, () => servers.forEach((server) => server.closeAllConnections()));
      return (stopping ??= stop(drainMs, withinMs));
    },
    leave: (drainMs, withinMs) => (stopping ??= leave(drainMs, withinMs)),
  };
}

/** Closes the port and no connection; those of a worker are given to the others then. Resolves when the last connection is closed. */
const acceptNoMore = (server: Server): Promise<void> =>
  new Promise((resolve) => void NetServer.prototype.close.call(server, () => resolve())); // that of HTTP closes connections that rest

function urlOf(app: NestFastifyApplication): string {
  const listening = app.getHttpServer().address();
  if (listening === null || typeof listening === 'string') throw new TypeError('expected a port to listen on');
  const { address, port, family } = listening;
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
