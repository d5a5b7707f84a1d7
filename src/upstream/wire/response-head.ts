import type { Headers } from '../answer.js';
import { nameOf } from './header-names.js';
import { COLON, CR, IN_TOKEN, IN_VALUE, SPACE, ZERO, isBlank, isDigit } from './octets.js';
import { broken } from './wire-error.js';

/** Headers by name, with nothing in them that the product did not send: neither `constructor` nor `__proto__` is inherited. */
class Fields {
  [name: string]: string | string[] | undefined;

  static {
    Reflect.deleteProperty(this.prototype, 'constructor');
    Reflect.setPrototypeOf(this.prototype, null);
  }
}

/** How the end of a body is told (RFC 9112, 6.3). `length` has its own number. */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

const STATUS_LINE = 'HTTP/d.d ddd';
const STATUS_AT = 9;

// Blanks of HTTP, not of JavaScript, which takes 0xa0 for one.
const LAST_IS_CHUNKED = /(?:^|,)[ \t]*chunked$/i;
const BETWEEN_OPTIONS = /[ \t]*,[ \t]*/;

/** Whether a status line may begin so; it is looked at before the line is whole, since what is no HTTP may never end one. */
export function mayBeginStatusLine(bytes: Buffer, from: number, to: number): boolean {
  const end = Math.min(to, from + STATUS_LINE.length);
  for (let at = from; at < end; at++) {
    const sign = STATUS_LINE.charCodeAt(at - from);
    if (sign === 0x64 ? !isDigit(bytes[at]) : bytes[at] !== sign) return false;
  }
  return true;
}

/** The head of one response, line by line: what it says, and what it says about where the response ends. */
export class ResponseHead {
  readonly headers: Headers & Fields = new Fields();
  /** What the server says of how long it keeps the connection. */
  keepAlive: string | undefined;
  #length = -1;
  /** The transfer coding that was applied last: chunks, or one that leaves the end of the body to the end of the connection. */
  #coding: 'chunked' | 'close' | undefined;
  #closes = false;
  #keeps = false;

  private constructor(
    readonly status: number,
    readonly version: string,
  ) {}

  /**
   * Reads a status line, its line end left out. HTTP/2.0 is taken as HTTP/1.0 is: some old servers write it.
   * @throws WireError
   */
  static begin(bytes: Buffer, from: number, to: number): ResponseHead {
    const end = from + STATUS_LINE.length;
    if (to < end || !mayBeginStatusLine(bytes, from, to)) throw broken('no status line');
    if (to > end && bytes[end] !== SPACE) throw broken('a status of more than three digits');
    const version = bytes.toString('latin1', from + 5, from + 8);
    if (version !== '1.1' && version !== '1.0' && version !== '2.0') throw broken('another version than HTTP/1.1');
    for (let at = end; at < to; at++) if (bytes[at] === CR) throw broken('a bare CR in its reason');
    let status = 0;
    for (let at = from + STATUS_AT; at < end; at++) status = status * 10 + (bytes[at] ?? 0) - ZERO;
    if (status < 100) throw broken('a status below 100');
    return new ResponseHead(status, version);
  }

  /**
   * Takes a header line.
   * @throws WireError
   */
  take({ name, value, endsBlank }: FieldLine): void {
    switch (name) {
      case 'content-length':
        if (endsBlank) throw broken('blanks after its length'); // some count them in, undici among them
        this.#takeLength(value);
        break;
      case 'transfer-encoding':
        if (value === '' || value.endsWith(',')) throw broken('a transfer coding without a name');
        this.#coding = LAST_IS_CHUNKED.test(value) ? 'chunked' : 'close';
        break;
      case 'connection':
        this.#takeConnection(value);
        break;
      case 'keep-alive':
        this.keepAlive = this.keepAlive === undefined ? value : `${this.keepAlive},${value}`;
        break;
    }
    const { headers } = this;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (typeof before === 'string') headers[name] = [before, value];
    else before.push(value);
  }

  /**
   * How the end of the body is told, now that the head is whole.
   * @param bodiless whether a response to this request never has one
   * @throws WireError where two things tell it
   */
  framing(bodiless: boolean): Framing {
    if (this.#coding !== undefined && this.#length >= 0) throw broken('a length and a transfer coding');
    if (bodiless || this.status === 204 || this.status === 304) return 'none';
    if (this.#coding !== undefined) return this.#coding;
    if (this.#length < 0) return 'close';
    return this.#length === 0 ? 'none' : 'length';
  }

  /** How many bytes the body is said to have; -1 where nothing says so. */
  get length(): number {
    return this.#length;
  }

  /** Whether the connection may carry another request: not where it is said to close, nor where a body may follow that is none. */
  get keeps(): boolean {
    if (this.#closes || (this.version !== '1.1' && (!this.#keeps || this.#coding !== undefined))) return false;
    return !((this.status === 204 || this.status === 304) && (this.#length > 0 || this.#coding !== undefined));
  }

  #takeLength(value: string): void {
    if (this.#length >= 0) throw broken('two lengths');
    if (!/^[0-9]+$/.test(value)) throw broken('a length that is no number');
    const length = Number(value);
    if (!Number.isSafeInteger(length)) throw broken('a length that is past counting');
    this.#length = length;
  }

  #takeConnection(value: string): void {
    if (value === 'keep-alive') this.#keeps = true;
    else
      for (const option of value.toLowerCase().split(BETWEEN_OPTIONS))
        if (option === 'close') this.#closes = true;
        else if (option === 'keep-alive') this.#keeps = true;
  }
}

/** A header line. */
export interface FieldLine {
  /** In lower case. */
  readonly name: string;
  /** Without the blanks around it. */
  readonly value: string;
  /** Whether there were blanks after it. */
  readonly endsBlank: boolean;
}

/**
 * Reads a header line, its line end left out.
 * @throws WireError where it is none
 */
export function fieldLineOf(bytes: Buffer, from: number, to: number): FieldLine {
  const colon = nameEnd(bytes, from, to);
  return { name: nameOf(bytes, from, colon), value: valueOf(bytes, colon + 1, to), endsBlank: isBlank(bytes[to - 1]) };
}

/**
 * Looks through a trailer line, its line end left out. What it says is dropped.
 * @throws WireError where it is none, or says where the response ends, which is known by then
 */
export function dropTrailer(bytes: Buffer, from: number, to: number): void {
  const { name } = fieldLineOf(bytes, from, to);
  if (name === 'content-length' || name === 'transfer-encoding') throw broken('a trailer that frames it');
}

/** Where the colon stands after a name. Blanks before it, a line that continues the one before, a name that is none: all are refused. */
function nameEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && IN_TOKEN[bytes[at] ?? 0] === 1) at++;
  if (at === from || at === to || bytes[at] !== COLON) throw broken('a header line without a name');
  return at;
}

function valueOf(bytes: Buffer, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(bytes[start])) start++;
  while (end > start && isBlank(bytes[end - 1])) end--;
  for (let at = start; at < end; at++) if (IN_VALUE[bytes[at] ?? 0] !== 1) throw broken('a control character in a header');
  return bytes.toString('latin1', start, end);
}
