import type { Migration, Seed } from './migrate.js';
import type { ServedOperation } from './serve.js';

/** A sample product: its tables, its seed and what answers each version of its contract. */
export interface ProductDefinition {
  readonly name: string;
  /** The loopback port of its process. */
  readonly port: number;
  /** The environment variable that holds the key which its callers must send. */
  readonly keyVariable: string;
  readonly migrations: readonly Migration[];
  readonly seed: Seed;
  readonly serves: readonly (readonly ServedOperation[])[];
}
