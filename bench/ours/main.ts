import 'reflect-metadata';
import { Controller, Inject, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers } from '#src/edge/public.controller.js';
import { readEnv } from '#src/env.js';
import { Gateway } from '#src/gateway.js';
import { startGateway } from '#src/start.module.js';
import { compositions } from './compositions.ts';
import { termsOf } from './terms.ts';

// The gateway as src/main.ts starts it.
const env = readEnv(process.env);
const running = await startGateway(await termsOf(env, process.env), env, controller());
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
      value(this: BenchController, request: FastifyRequest, reply: FastifyReply): void {
        this.gateway.edge.answer(this.gateway.answerable(composition), request, reply);
      },
      configurable: true,
      writable: true,
    };
    Object.defineProperty(BenchController.prototype, line, descriptor);
    Answers(composition)(BenchController.prototype, line, descriptor);
  }
  return BenchController;
}
