import { z } from 'zod';

/** What a worker tells the process that started it. */
export const FromWorker = z.discriminatedUnion('kind', [
  /** It is ready to be told things, and waits to be told which worker it is. */
  z.object({ kind: z.literal('joins') }),
  /** It answers, at these addresses. */
  z.object({ kind: z.literal('listening'), url: z.string(), opsUrl: z.string() }),
  /** It can't start, and why. */
  z.object({ kind: z.literal('failed'), why: z.string() }),
  /** A text for all other workers. */
  z.object({ kind: z.literal('says'), text: z.string() }),
  /** It wants to know what all workers say of a topic, itself included. */
  z.object({ kind: z.literal('asks'), id: z.int(), topic: z.string() }),
  /** What it says of a topic that it was asked for; nothing where it has nothing to say of it. */
  z.object({ kind: z.literal('replies'), id: z.int(), value: z.unknown() }),
  /** What it has counted in its life: its last word. */
  z.object({ kind: z.literal('counted'), series: z.unknown() }),
]);
export type FromWorker = z.output<typeof FromWorker>;

const Leaving = z.enum(['replaced', 'all end']);
/** Why a worker is to end. */
export type Leaving = z.output<typeof Leaving>;

/** What a worker is told. */
export const ForWorker = z.discriminatedUnion('kind', [
  /** Comes first, when it has joined: which of how many it is, and what all of them are called together. */
  z.object({ kind: z.literal('begin'), worker: z.int(), of: z.int(), group: z.string() }),
  /** A text of another worker. */
  z.object({ kind: z.literal('heard'), text: z.string() }),
  /** It is asked for a topic. */
  z.object({ kind: z.literal('asked'), id: z.int(), topic: z.string() }),
  /** What all workers said that had something to say. */
  z.object({ kind: z.literal('told'), id: z.int(), values: z.array(z.unknown()) }),
  /** It ends: alone, since another one answers in its place; or with all others. */
  z.object({ kind: z.literal('leave'), why: Leaving }),
]);
export type ForWorker = z.output<typeof ForWorker>;
