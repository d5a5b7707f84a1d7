import { createHash } from 'node:crypto';
import { didYouMean } from '#contracts/kernel/index.js';
import type { Clock, Timer } from '../clock.js';
import { type Bound, boundOf, faultOf, unknown } from './bounds.js';
import type { Written } from './knob.js';
import type { Loaded } from './load.js';
import { NONE, type Override, type Overrides, type OverridesStore, type Step } from './overrides.js';
import { type Problem, type Refusal, refusal } from './refusal.js';
import { type Contracts, type Resolved, misfits, resolve, snapshotOf } from './resolve.js';
import { type Share, WHOLE } from './share.js';
import type { Snapshot } from './snapshot.js';
import { type Turn, standing, turned, turnedSince, undoing } from './turn.js';
import { type Value, valueAt } from './values.js';

/** What an operator asks for. */
export interface Asked {
  /** By path. `null` takes an override away. */
  readonly changes: Readonly<Record<string, Written | null>>;
  readonly who: string;
  readonly reason: string;
  /** Milliseconds until it is taken back by itself. */
  readonly expiresMs?: number | undefined;
}

/** A knob with all that is known of it. */
export interface KnobState extends Value {
  /** What operators have turned it to, in force or not. */
  readonly override: Override | undefined;
  readonly git: Written | undefined;
  readonly bound: Bound;
}

/** Who is told of each change of the policy in force. */
export type PolicyListener = (snapshot: Snapshot, resolved: Resolved) => void;

/** The longest that a timer is set for; what lies beyond is looked at again then. */
const LONGEST_TIMER_MS = 24 * 3_600_000;

/** How often a change is made anew where other instances keep storing theirs first. */
const ATTEMPTS = 5;

/**
 * The policy in force: what git says, with what operators have turned on top. A change is checked as a whole, stored, and
 * then replaces one reference; requests under way end on the snapshot that they began with.
 */
export class Policy {
  #resolved: Resolved;
  #git: string;
  #overrides: Overrides = NONE;
  #snapshot: Snapshot;
  #expiry: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #listeners: PolicyListener[] = [];

  /** @throws ConfigError where the configuration does not fit the contracts. */
  constructor(
    loaded: Loaded,
    readonly contracts: Contracts,
    readonly env: Readonly<Record<string, string | undefined>>,
    readonly store: OverridesStore,
    readonly clock: Clock,
    /** What this process has of the whole. */
    readonly share: Share = WHOLE,
  ) {
    this.#resolved = resolve(loaded, contracts, env);
    this.#git = fingerprint(loaded);
    this.#snapshot = this.#made(NONE);
  }

  /** The policy in force. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** What git says, joined with the contracts. */
  get resolved(): Resolved {
    return this.#resolved;
  }

  /** The steps that led here, the latest first. */
  get history(): readonly Step[] {
    return this.#overrides.history.toReversed();
  }

  /** The products that operators have cut off, with who, why and when. */
  get isolated(): Overrides['isolated'] {
    return this.#overrides.isolated;
  }

  /** Calls back after each change of the policy in force. */
  onChange(listener: PolicyListener): void {
    this.#listeners.push(listener);
  }

  /** Takes up what is stored: at start, and when another instance has stored something. @throws what the store throws */
  restore(): Promise<void> {
    return this.#inOrder(async () => this.#take(await this.store.load()));
  }

  /** Takes a new `gateway.yaml`. False where it says nothing new. @throws ConfigError where it can't be in force: then the last good one stays. */
  reload(loaded: Loaded): boolean {
    const resolved = resolve(loaded, this.contracts, this.env);
    const git = fingerprint(loaded);
    if (git === this.#git) return false;
    this.#resolved = resolved;
    this.#git = git;
    this.#take(this.#overrides);
    return true;
  }

  /** Every knob with its value in force, and what was said of it where. */
  *values(): Generator<KnobState> {
    const { git, addresses, loaded } = this.#resolved;
    const overrides = standing(this.#overrides, this.clock.date());
    const sources = { git, overrides: this.#heeded(this.#overrides) };
    for (const address of addresses.values())
      yield {
        ...valueAt(address, sources),
        override: overrides[address.path],
        git: git.get(address.path),
        bound: boundOf(loaded, address.knob),
      };
  }

  /** What keeps overrides from being in force, and where those that are have left a part too little time. */
  *problems(): Generator<Problem> {
    for (const [path, { value }] of Object.entries(standing(this.#overrides, this.clock.date()))) {
      const fault = faultOf(this.#resolved, path, value);
      if (fault) yield { path, message: `not in force: ${fault.message}` };
    }
    for (const { path, why } of misfits(this.contracts, this.#snapshot)) yield { path, message: why };
  }

  /** Turns knobs, all or none. @param ifMatch the revisions that the operator takes for the one in force; undefined: any */
  change({ changes, who, reason, expiresMs }: Asked, ifMatch?: readonly string[]): Promise<Step | Refusal> {
    return this.#turn((now) => {
      const expires = expiresMs === undefined ? undefined : new Date(now + expiresMs).toISOString();
      return { knobs: Object.entries(changes).map(([path, to]) => ({ path, to, expires })), isolated: [], who, reason, expires };
    }, ifMatch);
  }

  /** Cuts a product off, or brings it back. */
  isolate(product: string, isolated: boolean, who: string, reason: string): Promise<Step | Refusal> {
    return this.#turn(() => {
      const products = new Set(this.contracts.operations.map((operation) => operation.product));
      if (products.has(product)) return { knobs: [], isolated: [{ product, to: isolated }], who, reason };
      return refusal('unknown', 'product', `no such product${didYouMean(product, products)}`);
    });
  }

  /** Takes back what one step changed. Refused where something of it was turned again since. */
  undo(revision: number, who: string): Promise<Step | Refusal> {
    return this.#turn((now) => {
      const step = this.#overrides.history.find((one) => one.revision === revision);
      if (!step) return refusal('missing', 'revision', `expected a revision of the history, got ${revision}`);
      const problems = [...turnedSince(step, this.#overrides, now)].map(({ path, is }) => ({
        path,
        message: `expected what revision ${revision} made of it, it is ${is} by now: undo what came after first`,
      }));
      return problems.length > 0 ? { refused: 'moved', problems } : undoing(step, who, now);
    });
  }

  /** Ends its timer. */
  close(): void {
    this.#expiry?.cancel();
  }

  /** Makes a change, stores it and puts it in force. Changes take turns: each stands on what the one before it left. */
  #turn(make: (now: number) => Turn | Refusal, ifMatch?: readonly string[]): Promise<Step | Refusal> {
    return this.#inOrder(async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const { revision } = this.#snapshot;
        if (ifMatch && !ifMatch.includes(revision)) return refusal('race', 'If-Match', `expected the revision in force, "${revision}"`);
        const now = this.clock.date();
        const turn = make(now);
        if ('refused' in turn) return turn;
        const { after, step } = turned(this.#overrides, turn, now);
        const refused = this.#refuses(turn, after);
        if (refused) return refused;
        const stored = await this.#store(after);
        if ('refused' in stored) return stored;
        this.#take(stored);
        if (stored === after) return step;
      }
      return refusal('store', '', 'other instances keep storing changes first');
    });
  }

  /** What is stored in the end: the overrides that are given, or those that another instance was faster with. */
  async #store(after: Overrides): Promise<Overrides | Refusal> {
    try {
      return (await this.store.save(after)) ? after : await this.store.load();
    } catch (cause) {
      return { ...refusal('store', '', 'the change could not be stored, so it is not in force'), cause };
    }
  }

  /** Why a turn can't be in force. What did not fit before it is no reason: else nothing could be turned that mends it. */
  #refuses({ knobs }: Turn, after: Overrides): Refusal | undefined {
    const faults = knobs.flatMap(({ path, to }) => this.#fault(path, to) ?? []);
    if (faults[0]) return { refused: faults[0].refused, problems: faults.map(({ path, message }) => ({ path, message })) };
    const before = new Set([...misfits(this.contracts, this.#snapshot)].map(({ path }) => path));
    const found = [...misfits(this.contracts, this.#made(after))].filter(({ path }) => !before.has(path));
    return found.length === 0 ? undefined : { refused: 'misfit', problems: found.map(({ path, why }) => ({ path, message: why })) };
  }

  #fault(path: string, to: Written | null): ReturnType<typeof faultOf> {
    if (to !== null) return faultOf(this.#resolved, path, to);
    const { addresses } = this.#resolved;
    return addresses.has(path) || Object.hasOwn(this.#overrides.knobs, path) ? undefined : unknown(path, addresses);
  }

  /** Puts overrides in force. */
  #take(overrides: Overrides): void {
    this.#overrides = overrides;
    this.#snapshot = this.#made(overrides);
    this.#expiry?.cancel();
    const now = this.clock.date();
    const ends = Object.values(standing(overrides, now)).flatMap(({ expires }) => (expires === undefined ? [] : Date.parse(expires) - now));
    this.#expiry = ends.length === 0 ? undefined : this.clock.after(Math.min(...ends, LONGEST_TIMER_MS), () => this.#take(this.#overrides));
    for (const listener of this.#listeners) listener(this.#snapshot, this.#resolved);
  }

  #made(overrides: Overrides): Snapshot {
    const heeded = this.#heeded(overrides);
    const revision = `${overrides.revision}.${heeded.size}-${this.#git}`;
    const sources = { git: this.#resolved.git, overrides: heeded };
    return snapshotOf(this.#resolved, sources, new Set(Object.keys(overrides.isolated)), revision, this.share);
  }

  /** The overrides that are in force. What has expired, names nothing any more or has left its bounds is not, whoever wrote it. */
  #heeded(overrides: Overrides): ReadonlyMap<string, Written> {
    const heeded = new Map<string, Written>();
    for (const [path, { value }] of Object.entries(standing(overrides, this.clock.date())))
      if (!faultOf(this.#resolved, path, value)) heeded.set(path, value);
    return heeded;
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Tells one git configuration from another. */
const fingerprint = ({ config }: Loaded): string =>
  createHash('sha256')
    .update(JSON.stringify(config, (_, value: unknown) => (value === Infinity ? 'off' : value)))
    .digest('hex')
    .slice(0, 8);
