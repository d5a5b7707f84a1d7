import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'axios';
import type { AnyPart } from '#contracts/kernel/index.js';
import { Store } from '#src/cache/store.js';
import type { Composition } from '#src/composition/composition.js';
import type { Prepared } from '#src/composition/prepare.js';
import { readEnv } from '#src/env.js';
import { Gateway } from '#src/gateway.js';
import { localLimiter } from '#src/limits/limiter.js';
import { LimiterStorage } from '#src/limits/throttler-storage.js';
import { Batching } from '#src/upstream/batch.js';
import { Call, type Identity, type Scope } from '#src/upstream/call.js';
import { Cancellation } from '#src/upstream/cancellation.js';
import type { Endpoint } from '#src/upstream/endpoint.js';
import { compositions } from '../ours/compositions.ts';
import { termsOf } from '../ours/terms.ts';

/** A gateway that listens nowhere. */
export interface Stage extends AsyncDisposable {
  readonly gateway: Gateway;
  /** A composition by its line, as it is prepared. */
  prepared(line: string): Prepared;
  /** Calls of one part, each on behalf of a request of its own and for an item that nobody asked for before. */
  calls(line: string, part: string): () => Call;
  scope(line: string): Scope;
}

/** A gateway by one of the bench's two configurations. */
export interface StageTerms {
  /** At the defaults (W1 to W6), or with every policy on (W7). */
  readonly all: boolean;
  /** Who asks. */
  readonly identity: Identity;
  /** Where all products are. */
  readonly productsUrl: string;
}

/** Makes a gateway. */
export async function stage({ all, identity, productsUrl }: StageTerms): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'interline-bench-parts-'));
  const products = ['CATALOG', 'INVENTORY', 'REVIEWS', 'SHOP', 'ACCOUNTS'];
  const variables = {
    ...Object.fromEntries(
      products.flatMap((name) => [
        [`${name}_URL`, productsUrl],
        [`${name}_API_KEY`, `key-of-${name}`],
      ]),
    ),
    DATA_DIR: folder,
    GATEWAY_CONFIG: fileURLToPath(new URL(all ? '../ours/gateway.full.yaml' : '../ours/gateway.yaml', import.meta.url)),
    LOG_LEVEL: all ? 'info' : 'warn',
    LOG_FILE: '/dev/null',
  };
  const terms = await termsOf(readEnv(variables), variables);
  const { clock, loaded } = terms;
  const { memory: maxBytes, entries: maxEntries } = loaded.config.cache;
  const gateway = new Gateway(terms, create(), new LimiterStorage(localLimiter(clock)), new Store({ maxBytes, maxEntries }));
  const scope = (line: string): Scope => ({
    serial: ++serial,
    requestId: 'bench',
    traceparent: '00-00000000000000000000000000000001-0000000000000001-00',
    passage: {},
    identity,
    reader: line,
    snapshot: gateway.policy.snapshot,
    cancellation: new Cancellation(),
    deadlineAt: clock.now() + 3000,
    budget: { spent: 0, limit: 50 },
    batching: new Batching(),
  });
  return {
    gateway,
    scope,
    prepared: (line) => found(gateway, line),
    calls(line, name) {
      const { part, endpoint } = partOf(found(gateway, line), name);
      return () => {
        const own = scope(line);
        const input = { itemId: `i-${item++}` };
        const outgoing = endpoint.write(input);
        if ('message' in outgoing) throw new TypeError(outgoing.message);
        return new Call(endpoint, input, outgoing, own, part, own.cancellation);
      };
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      rmSync(folder, { recursive: true });
    },
  };
}

let serial = 0;
let item = 1_000_000;

/** One of the bench's compositions. */
export function compositionAt(line: string): Composition {
  const one = compositions.find(({ route }) => route.line === line);
  if (!one) throw new RangeError(`no composition ${line}`);
  return one;
}

function found(gateway: Gateway, line: string): Prepared {
  const answerable = gateway.answerable(compositionAt(line));
  if (!('prepared' in answerable)) throw new TypeError(`${line} is not composed`);
  return answerable.prepared;
}

function partOf({ parts }: Prepared, name: string): { readonly part: AnyPart; readonly endpoint: Endpoint } {
  const one = parts.find((part) => part.name === name);
  if (!one) throw new RangeError(`no part ${name}`);
  return one;
}
