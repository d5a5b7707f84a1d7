import { memberOf } from '../cache/cache-status.js';
import { type Coding, WORTH_CODING, coded, codingFor } from './coding.js';
import type { Response } from './problems.js';
import { ageField } from './success.js';

/** A composed answer that is kept: its bytes as they go out, and its coded forms once somebody asked for them. */
export class KeptResponse {
  readonly body: Buffer;
  readonly #plain: Telling;
  readonly #coded = new Map<Coding, Telling>();
  readonly #making = new Map<Coding, Promise<Telling>>();

  constructor(
    /** As it went to the caller for whom it was composed. */
    readonly response: Response,
    /** When it was composed, on the steady clock: as old as its oldest part was then. */
    readonly at: number,
    readonly ageMs: number,
    /** How long its parts are good by their products' own word, from then on. */
    readonly lifetimeMs: number,
    /** What its own span is multiplied with, so that what was kept together does not go stale together. */
    readonly jitter: number,
  ) {
    this.body = Buffer.from(response.body); // its own: what it was cut from may be large
    this.#plain = new Telling({ ...response, body: this.body });
  }

  /** About how much memory it takes, its coded forms included. */
  get bytes(): number {
    return 2 * this.body.length;
  }

  /** The answer as it goes to another caller; at once, where it has been coded so before. */
  given(acceptEncoding: string | undefined, now: number, ttlMs: number, key: string): Response | Promise<Response> {
    const ageMs = this.ageMs + now - this.at;
    const coding = this.body.length < WORTH_CODING ? undefined : codingFor(acceptEncoding);
    if (coding === undefined) return this.#plain.told(ageMs, ttlMs, key);
    const made = this.#coded.get(coding);
    return made ? made.told(ageMs, ttlMs, key) : this.#in(coding).then((telling) => telling.told(ageMs, ttlMs, key));
  }

  /** In a coding, made once. Other bytes are another representation, so they have a validator of their own. */
  #in(coding: Coding): Promise<Telling> {
    let making = this.#making.get(coding);
    if (!making) this.#making.set(coding, (making = this.#make(coding)));
    return making;
  }

  async #make(coding: Coding): Promise<Telling> {
    const { headers } = this.response;
    const etag = headers['etag']?.replace(/"$/, `.${coding}"`);
    const made = new Telling({
      ...this.response,
      body: await coded(this.body, coding),
      headers: { ...headers, 'content-encoding': coding, ...(etag === undefined ? {} : { etag }) },
    });
    this.#coded.set(coding, made);
    return made;
  }
}

/** Tells with an answer how old it is and for how long it is fresh. Both are told in whole seconds: what was put together last holds for one. */
class Telling {
  #age = Number.NaN;
  #ttl = Number.NaN;
  #key = '';
  #told: Response;

  constructor(readonly response: Response) {
    this.#told = response;
  }

  told(ageMs: number, ttlMs: number, key: string): Response {
    const [age, ttl] = [Math.floor(ageMs / 1000), Math.floor(ttlMs / 1000)];
    if (age === this.#age && ttl === this.#ttl && key === this.#key) return this.#told;
    [this.#age, this.#ttl, this.#key] = [age, ttl, key];
    const { response } = this;
    const told = { ...ageField(ageMs), 'cache-status': memberOf('interline', { hit: true, ttlMs, key }) };
    return (this.#told = { ...response, headers: { ...response.headers, ...told } });
  }
}
