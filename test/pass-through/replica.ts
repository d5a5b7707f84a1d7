import { overridesInMemory } from '../../src/policy/overrides.js';
import { Shared } from '../../src/redis/shared.js';
import type { TestGateway, Wanted } from '../gateway.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { becomes, hearing } from '../redis/rig.js';
import { type Monolith, gatewayOver } from './monolith.js';

/** A gateway that shares a Redis with others, and what it said to that. */
export interface Replica extends AsyncDisposable {
  readonly gateway: TestGateway;
  readonly shared: Shared;
  /** Resolves once that many commands of a name have succeeded: entries are stored, and purged, while nobody waits. */
  did(command: string, times: number): Promise<void>;
}

/** Starts one, on a clock that it may share too, and waits until it has its Redis. */
export async function replica(
  redis: string,
  monolith: Monolith,
  product = '',
  { clock = handClock(), ...more }: Partial<Wanted> & { readonly clock?: HandClock } = {},
): Promise<Replica> {
  const heard = hearing();
  let waiting: (() => boolean)[] = [];
  const shared = new Shared({
    url: redis,
    hmacKey: 'a key',
    clock,
    random: () => 0.5,
    observer: {
      ...heard,
      command(name, outcome) {
        heard.command(name, outcome);
        waiting = waiting.filter((isDone) => !isDone());
      },
    },
    undecodable: () => undefined,
    file: overridesInMemory(),
  });
  await becomes(shared.redis, true);
  const gateway = await gatewayOver(monolith, product, { ...more, clock, shared });
  return {
    gateway,
    shared,
    did: (command, times) =>
      new Promise((resolve) => {
        const isDone = (): boolean => {
          const done = heard.commands.filter((one) => one === `${command} ok`).length >= times;
          if (done) resolve();
          return done;
        };
        if (!isDone()) waiting.push(isDone);
      }),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}
