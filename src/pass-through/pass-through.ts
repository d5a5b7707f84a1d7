import type { Clock } from '../clock.js';
import type { PassedThrough } from '../edge/answerable.js';
import type { Handed } from '../edge/hand.js';
import type { Inbound } from '../edge/inbound.js';
import { type Category, type Response, failed, invalid, problem } from '../edge/problems.js';
import type { Snapshot } from '../policy/snapshot.js';
import type { Cancellation } from '../upstream/cancellation.js';
import type { Endpoint } from '../upstream/endpoint.js';
import { after } from '../upstream/eventual.js';
import type { CallMeter } from '../upstream/meter.js';
import type { CallObserver } from '../upstream/observe.js';
import type { LayerState } from '../upstream/state.js';
import { type CacheUse, HttpCache } from './cache.js';
import { BodyError, type Passed } from './exchange.js';
import { forwarded, isAuthorized, presentedOf } from './headers.js';
import { pathAfter } from './path.js';
import { PassThroughProduct } from './product.js';
import { Shelf } from './shelf.js';

/** What a pass-through product stands on. */
export interface PassThroughTerms {
  readonly endpoint: Endpoint;
  /** Where it answers besides `/products/{product}/…`. */
  readonly mount: string | undefined;
  readonly clock: Clock;
  readonly observer: CallObserver;
  readonly meter: CallMeter;
  readonly state: LayerState;
  /** The largest body that a caller may send, in bytes. */
  readonly maxBodyBytes: () => number;
  /** Whether the process takes no more work: answers then close their connections. */
  readonly draining: () => boolean;
}

/** A product that has no contract, and answers for itself: its requests go out and its answers come back as they are. */
export class PassThrough {
  readonly #product: PassThroughProduct;
  readonly #cache: HttpCache;

  constructor(readonly terms: PassThroughTerms) {
    const { endpoint, clock, state } = terms;
    this.#product = new PassThroughProduct(terms);
    this.#cache = new HttpCache({
      clock,
      places: () => endpoint.target.addresses,
      shelf: new Shelf(endpoint, state.store, state.caches),
      caches: state.caches,
    });
  }

  /** The product's name. */
  get name(): string {
    return this.terms.endpoint.operation.product;
  }

  /** What is kept of it and how reads were answered; undefined where there were none. */
  cached(): CacheUse | undefined {
    return this.#cache.use();
  }

  /** Everything below an address of so many segments. */
  under(segments: number): PassedThrough {
    return { name: this.terms.endpoint.id, pass: (inbound, policy) => this.#pass(inbound, policy, segments) };
  }

  #pass(inbound: Inbound, policy: Snapshot, segments: number): Response | Handed | PromiseLike<Response | Handed> {
    const { traceId, request, cancellation } = inbound;
    const { endpoint, maxBodyBytes, draining } = this.terms;
    const path = pathAfter(request.raw.url ?? '/', segments);
    if (path === undefined) return invalid(traceId, [{ in: 'path', path: '', message: 'expected segments that are neither "." nor ".."' }]);
    const limit = maxBodyBytes();
    const length = request.headers['content-length'];
    if (length !== undefined && Number(length) > limit) return tooLarge(traceId, limit);
    const { cache: leeway, deadlineMs, product } = policy.operation(endpoint.index);
    const scope = inbound.scope(policy, { fanOut: 1, deadlineMs: deadlineMs + product.bulkhead.waitMs }, inbound.consumer);
    const { method } = request;
    const headers = forwarded(request.headers);
    const body = new Sent(request.raw, limit);
    const given = this.#cache.answer({
      method,
      path,
      headers,
      presented: presentedOf(headers),
      authorized: isAuthorized(request.headers),
      leeway,
      scope,
      cancellation,
      ask: (headers, within, until: Cancellation) =>
        this.#product.ask({ method, path, repeatable: isRead(method), ...body.with(headers) }, within, until),
    });
    return after(given, (one): Response | Handed => {
      if (one.ok) {
        const { status, headers, body } = one.answer;
        return { status, headers, body, category: categoryOf(one.answer), last: draining() };
      }
      return body.isTooLarge ? tooLarge(traceId, limit) : failed(traceId, one.failure);
    });
  }
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

const tooLarge = (traceId: string, limit: number): Response =>
  problem(traceId, {
    status: 413,
    code: 'tooLarge',
    category: 'failure_caller_too_large',
    detail: `the body is larger than the ${limit} bytes that a caller may send`,
    headers: { connection: 'close' },
  });

/** A request's body, on its way to the product. */
class Sent {
  isTooLarge = false;

  constructor(
    readonly request: Inbound['request']['raw'],
    readonly limit: number,
  ) {}

  /** The headers with how long the body is, where that is known, and the body, where there is one. */
  with(headers: Readonly<Record<string, string>>): {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: AsyncIterable<Buffer> | undefined;
  } {
    const { 'content-length': length, 'transfer-encoding': coding } = this.request.headers;
    if (coding === undefined && (length === undefined || length === '0')) return { headers, body: undefined };
    return { headers: length === undefined ? headers : { ...headers, 'content-length': length }, body: this.#chunks() };
  }

  /** @throws BodyError where there is more of it than may be, or it broke off */
  async *#chunks(): AsyncGenerator<Buffer> {
    let bytes = 0;
    try {
      for await (const chunk of this.request) {
        if (!Buffer.isBuffer(chunk)) throw new TypeError('expected bytes');
        bytes += chunk.length;
        this.isTooLarge = bytes > this.limit;
        if (this.isTooLarge) break;
        yield chunk;
      }
    } catch (error) {
      throw new BodyError('broke off', { cause: error });
    }
    if (this.isTooLarge) throw new BodyError('is too large');
  }
}

/** Whose doing an answer is that the product gave for itself. */
function categoryOf({ status }: Passed): Category {
  if (status === 304) return 'success_not_modified';
  if (status < 400) return 'success_complete';
  return status < 500 ? 'failure_caller_declared' : 'failure_product_error';
}
