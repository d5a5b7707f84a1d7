const [SPACE, QUOTE] = [0x20, 0x22];

/** A JSON body as a product said it. What is worked out of it is worked out once, and only where it is asked for. */
export class Said {
  #bytes: Buffer | undefined;
  #keys: number | undefined;

  /** @param bytes those of the text, where they are at hand */
  constructor(
    readonly text: string,
    bytes?: Buffer,
  ) {
    this.#bytes = bytes;
  }

  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.text));
  }

  /** How many keys stand in it, or more where values look like some; NaN where it can't be told, as a blank stands before a colon. */
  get keys(): number {
    return (this.#keys ??= keysIn(this.text));
  }
}

function keysIn(text: string): number {
  let keys = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === QUOTE) keys++;
    else if (before <= SPACE) return Number.NaN;
  }
  return keys;
}
