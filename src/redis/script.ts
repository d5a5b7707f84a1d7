import { createHash } from 'node:crypto';
import { ErrorReply, RESP_TYPES } from '@redis/client';
import type { Client } from './connection.js';

/** A Lua script that Redis runs as one step, and that gives a list. */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  constructor(source: string) {
    this.#source = source;
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  /** Runs it: by its hash, or, where Redis does not know it (yet, or any more), by its text. Strings come back as bytes. */
  async run(client: Client, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<readonly unknown[]> {
    const rest = [String(keys.length), ...keys, ...args];
    const options = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
    try {
      return await client.sendCommand<readonly unknown[]>(['EVALSHA', this.#sha, ...rest], options);
    } catch (error) {
      if (!(error instanceof ErrorReply && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.sendCommand<readonly unknown[]>(['EVAL', this.#source, ...rest], options);
    }
  }
}
