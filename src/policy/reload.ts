import { ConfigError, type Loaded, parse } from './load.js';
import type { Policy } from './policy.js';

/** What became of `gateway.yaml` as it was last seen: in force, or rejected while the last good one stays in force. */
export type ConfigState =
  | { readonly state: 'ok'; readonly revision: string }
  | { readonly state: 'rejected'; readonly revision: string; readonly problems: readonly string[] };

/** Who is told what became of a text. */
export interface ReloadObserver {
  /** It is in force. `restart` names the settings that it changes and that only a restart takes up. */
  accepted(revision: string, restart: readonly string[]): void;
  /** It can't be in force: the last good one stays. Each problem is a line. */
  rejected(problems: readonly string[]): void;
}

/** Puts each new text of `gateway.yaml` in force as a whole, or says why not. */
export class Reloads {
  #problems: readonly string[] = [];
  readonly #boot;

  /** `file` stands for the file in messages. */
  constructor(
    readonly policy: Policy,
    readonly file: string,
    readonly observer: ReloadObserver,
  ) {
    this.#boot = settled(policy.resolved.loaded);
  }

  get state(): ConfigState {
    const { revision } = this.policy.snapshot;
    return this.#problems.length === 0 ? { state: 'ok', revision } : { state: 'rejected', revision, problems: this.#problems };
  }

  /** Takes a text. One that says what is in force already is told only where it mends a rejected one. */
  take(text: string): void {
    const wasRejected = this.#problems.length > 0;
    try {
      const changed = this.policy.reload(parse(text, this.file, this.policy.env));
      this.#problems = [];
      if (changed || wasRejected) this.observer.accepted(this.policy.snapshot.revision, [...this.#restart()]);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#problems = error.problems;
      this.observer.rejected(error.problems);
    }
  }

  *#restart(): Generator<string> {
    const now = settled(this.policy.resolved.loaded);
    for (const setting of new Set([...this.#boot.keys(), ...now.keys()])) if (this.#boot.get(setting) !== now.get(setting)) yield setting;
  }
}

/** What is settled when the ports open and memory is set aside: how callers are listened to, where, and how much is kept. */
function settled({ config: { edge, cache, products } }: Loaded): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['edge.connections', JSON.stringify(edge.connections)],
    ['edge.maxBody', edge.maxBody],
    ['edge.requestTimeout', edge.requestTimeout],
    ['edge.serverTiming', edge.serverTiming],
    ['cache.memory', cache.memory],
    ['cache.entries', cache.entries],
    ...Object.entries(products).map(([product, { mount }]): [string, unknown] => [`products.${product}.mount`, mount]),
  ]);
}
