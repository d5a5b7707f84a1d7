import 'reflect-metadata';
import { Controller, Inject, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { consumer } from '#contracts/kernel/index.js';
import type { AnyOperation } from '#contracts/kernel/index.js';
import { systemClock } from '#src/clock.js';
import { Answers } from '#src/edge/public.controller.js';
import { processPulse } from '#src/edge/pulse.js';
import { readEnv } from '#src/env.js';
import { Gateway } from '#src/gateway.js';
import { openIdentities } from '#src/identity/identities.js';
import { keysFile } from '#src/identity/keys-file.js';
import { loadSigningKey } from '#src/identity/signing-key.js';
import { usageFile } from '#src/identity/usage.js';
import { linesTo, makeLog } from '#src/observe/log.js';
import { load } from '#src/policy/load.js';
import { overridesFile } from '#src/policy/overrides-file.js';
import { startGateway } from '#src/start.module.js';
import { compositions } from './compositions.ts';
import { accounts, catalog, inventory, reviews, shop } from './products.ts';

// The gateway as src/main.ts starts it, over the bench's own contracts and compositions: nothing of it is left out.
const env = readEnv(process.env);
const { LOG_FILE } = process.env;
const log = makeLog(env.logLevel, LOG_FILE === undefined ? undefined : linesTo(LOG_FILE));
const loaded = load(env.config, process.env);
const operations: AnyOperation[] = [catalog, inventory, reviews, shop, accounts].flatMap((product) => Object.values<AnyOperation>(product));

const running = await startGateway(
  {
    registry: { operations, compositions, consumers: [consumer('shop-front', {})] },
    loaded,
    identities: await openIdentities({
      loaded,
      env: process.env,
      clock: systemClock,
      random: Math.random,
      keys: keysFile(env.dataDir, systemClock),
      signingKey: await loadSigningKey({ text: env.signingKey, dataDir: env.dataDir }),
      trouble: (about, error) => log.warn({ about, err: error }, 'identity'),
    }),
    usage: usageFile(env.dataDir),
    file: env.config,
    clock: systemClock,
    log,
    env: process.env,
    overrides: overridesFile(env.dataDir),
    pulse: processPulse(systemClock),
  },
  env,
  controller(),
);
console.log(`listening ${new URL(running.url).port} ops ${new URL(running.opsUrl).port}`);

/** The public controller, a line for each composition. Decorators are called as functions: types are stripped, not compiled. */
function controller(): Type {
  class BenchController {
    readonly gateway: Gateway;
    constructor(gateway: Gateway) {
      this.gateway = gateway;
    }
  }
  Controller()(BenchController);
  Inject(Gateway)(BenchController, undefined, 0);
  for (const composition of compositions) {
    const { line } = composition.route;
    const descriptor: PropertyDescriptor = {
      value(this: BenchController, request: FastifyRequest, reply: FastifyReply): Promise<void> {
        return this.gateway.edge.answer(this.gateway.answerable(composition), request, reply);
      },
      configurable: true,
      writable: true,
    };
    Object.defineProperty(BenchController.prototype, line, descriptor);
    Answers(composition)(BenchController.prototype, line, descriptor);
  }
  return BenchController;
}
