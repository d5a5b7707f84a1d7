import type { Peers, Topic } from '../ops/peers.js';
import type { Share } from '../policy/share.js';
import type { Nearby } from '../redis/bus.js';
import { ForWorker, type FromWorker, type Leaving } from './messages.js';

/** What goes between a worker and the process that started it. */
export interface Channel {
  send(message: FromWorker, sent?: () => void): void;
  on(listener: (message: unknown) => void): void;
}

/** The other workers, as one of them knows them: all goes by way of the process that started them. */
export class Siblings implements Peers, Nearby {
  readonly share: Share;
  /** What all of them are called together. */
  readonly group: string;
  readonly #channel: Channel;
  readonly #hearers = new Set<(text: string) => void>();
  readonly #answers = new Map<string, () => unknown>();
  readonly #asking = new Map<number, (values: readonly unknown[]) => void>();
  #questions = 0;
  #left: Leaving | undefined;
  #leave: ((why: Leaving) => void) | undefined;

  private constructor(channel: Channel, { worker, of, group }: ForWorker & { kind: 'begin' }) {
    this.#channel = channel;
    this.share = { worker, of };
    this.group = group;
  }

  /** Resolves once it is known which worker this is. */
  static join(channel: Channel): Promise<Siblings> {
    return new Promise((resolve) => {
      let siblings: Siblings | undefined;
      channel.on((message) => {
        const { data } = ForWorker.safeParse(message);
        if (data?.kind === 'begin') resolve((siblings = new Siblings(channel, data)));
        else if (data) siblings?.hear(data);
      });
      channel.send({ kind: 'joins' });
    });
  }

  say(text: string): void {
    this.#channel.send({ kind: 'says', text });
  }

  onSaid(hear: (text: string) => void): () => void {
    this.#hearers.add(hear);
    return () => this.#hearers.delete(hear);
  }

  answers<T>({ name }: Topic<T>, say: () => T | Promise<T>): void {
    this.#answers.set(name, say);
  }

  /** What can't be read is left out: a worker of another version may say it. */
  async ask<T>({ name, schema }: Topic<T>): Promise<readonly T[]> {
    const id = ++this.#questions;
    const values = await new Promise<readonly unknown[]>((resolve) => {
      this.#asking.set(id, resolve);
      this.#channel.send({ kind: 'asks', id, topic: name });
    });
    return values.flatMap((value) => {
      const read = schema.safeParse(value);
      return read.success ? [read.data] : [];
    });
  }

  /** Is told when this worker is to end, also where it was told so before. */
  onLeave(leave: (why: Leaving) => void): void {
    this.#leave = leave;
    if (this.#left) leave(this.#left);
  }

  /** This worker answers, there. */
  listens(url: string, opsUrl: string): void {
    this.#channel.send({ kind: 'listening', url, opsUrl });
  }

  /** It can't start. Resolves when that is said. */
  fails(why: string): Promise<void> {
    return new Promise((sent) => this.#channel.send({ kind: 'failed', why }, sent));
  }

  /** What it has counted in its life. Resolves when that is said. */
  counted(series: unknown): Promise<void> {
    return new Promise((sent) => this.#channel.send({ kind: 'counted', series }, sent));
  }

  /** Takes what this worker is told. */
  hear(message: ForWorker): void {
    switch (message.kind) {
      case 'heard':
        for (const hear of this.#hearers) hear(message.text);
        break;
      case 'asked':
        void this.#answer(message.id, message.topic);
        break;
      case 'told':
        this.#asking.get(message.id)?.(message.values);
        this.#asking.delete(message.id);
        break;
      case 'leave':
        this.#left = message.why;
        this.#leave?.(message.why);
        break;
      case 'begin':
    }
  }

  /** Nothing is an answer too: nobody has to wait for a worker that has none. */
  async #answer(id: number, topic: string): Promise<void> {
    let value: unknown;
    try {
      value = await this.#answers.get(topic)?.();
    } finally {
      this.#channel.send({ kind: 'replies', id, value });
    }
  }
}
