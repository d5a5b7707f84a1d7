import { median } from '../../scripts/soak/figures.ts';
import { spread } from './figures.ts';
import type { Item } from './items.ts';
import { type Came, type LoadTerms, load } from './load.ts';
import { GATEWAY_CORE, LOAD_CORE, cpuSeconds, idleSeconds, residentMiB } from './machine.ts';
import type { Running } from './peers.ts';
import { asked } from './queries.ts';

/** One round of one peer. */
interface Round extends Came {
  readonly perSecond: number;
  /** Processor time of the peer for one request, in microseconds. */
  readonly cpuUs: number;
  readonly residentMiB: number;
  /** How busy the core of load and products was, from 0 to 1. */
  readonly loadCore: number;
  /** How much of the peer's core others took, from 0 to 1. */
  readonly others: number;
  /** How many calls of products one answer took. */
  readonly calls: number;
}

/** What a peer came to in one work item: the medians over its rounds. */
export interface Row {
  readonly peer: string;
  readonly perSecond: number;
  /** The same in each round. */
  readonly rounds: readonly number[];
  readonly cpuUs: number;
  /** Of answers, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMiB: number;
  readonly loadCore: number;
  readonly others: number;
  readonly calls: number;
  /** Largest less smallest throughput, as a share of the median. */
  readonly spread: number;
  /** Answers that were none: with one of them, the row says nothing. */
  readonly failed: number;
}

/** The throughput of one over that of another: the median of what it is round by round, so that what slows both in one round slows neither. */
export const ratio = (one: Row, other: Row): number =>
  median(one.rounds.map((perSecond, n) => perSecond / (other.rounds[n] ?? Number.NaN)));

/** How often and how long. */
export interface RoundsTerms extends LoadTerms {
  readonly rounds: number;
  /** Before a peer's first round, in seconds: compiled, connected. */
  readonly warmUp: number;
  /** How many requests the products have had so far. */
  readonly asked: () => Promise<number>;
}

/** Has all peers do one work item, round by round, in another order each time: what the machine does besides hits all alike. */
export async function measure(item: Item, peers: readonly Running[], terms: RoundsTerms): Promise<readonly Row[]> {
  const rounds = new Map<Running, Round[]>(peers.map((peer) => [peer, []]));
  for (const peer of peers) await load(peer.url, { ...item, ...asked(item, peer.peer) }, { ...terms, seconds: terms.warmUp });
  for (let n = 0; n < terms.rounds; n++)
    for (let i = 0; i < peers.length; i++) {
      const peer = peers[(i + n) % peers.length];
      if (peer) rounds.get(peer)?.push(await round(item, peer, terms));
    }
  return [...rounds].map(([{ peer }, all]) => row(peer.name, all));
}

async function round(item: Item, { url, peer, process: { pid } }: Running, terms: RoundsTerms): Promise<Round> {
  const callsBefore = await terms.asked();
  const [cpu, idle, loadIdle, began] = [cpuSeconds(pid), idleSeconds(GATEWAY_CORE), idleSeconds(LOAD_CORE), performance.now()];
  const came = await load(url, { ...item, ...asked(item, peer) }, terms);
  const took = (performance.now() - began) / 1000;
  const own = cpuSeconds(pid) - cpu;
  const calls = (await terms.asked()) - callsBefore;
  return {
    ...came,
    broken: came.requests === 0 ? came.broken + 1 : came.broken,
    perSecond: came.requests / came.seconds,
    cpuUs: (own / came.requests) * 1e6,
    residentMiB: residentMiB(pid),
    calls: calls / came.requests,
    loadCore: 1 - Math.min(1, (idleSeconds(LOAD_CORE) - loadIdle) / took),
    others: Math.max(0, 1 - (own + idleSeconds(GATEWAY_CORE) - idle) / took),
  };
}

function row(peer: string, rounds: readonly Round[]): Row {
  const of = (figure: (round: Round) => number): number => median(rounds.map(figure));
  return {
    peer,
    perSecond: of((round) => round.perSecond),
    rounds: rounds.map((round) => round.perSecond),
    cpuUs: of((round) => round.cpuUs),
    p50Ms: of((round) => round.p50) / 1000,
    p99Ms: of((round) => round.p99) / 1000,
    residentMiB: of((round) => round.residentMiB),
    loadCore: of((round) => round.loadCore),
    calls: of((round) => round.calls),
    others: of((round) => round.others),
    spread: spread(rounds.map((round) => round.perSecond)),
    failed: rounds.reduce((sum, { refused, broken }) => sum + refused + broken, 0),
  };
}
