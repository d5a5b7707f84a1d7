import type { Headers } from '../answer.js';
import { MAX_HEAD_BYTES } from './client.js';
import { CR, LF } from './octets.js';
import type { KnownLines } from './known-lines.js';
import { type Framing, ResponseHead, dropTrailer, fieldLineOf, mayBeginStatusLine } from './response-head.js';
import { WireError, broken } from './wire-error.js';

/** Who is told of a response as it is read. */
export interface Reader {
  /** The first byte of it came. */
  begun(): void;
  headed(status: number, headers: Headers): void;
  /** @param chunk is the reader's own */
  took(chunk: Buffer): void;
  ended(): void;
}

type Place = 'status line' | 'header' | 'body' | 'chunk size' | 'chunk' | 'end of chunk' | 'trailer' | 'all to come' | 'nowhere';

const afterHead: Readonly<Record<Framing, Place>> = { none: 'nowhere', length: 'body', chunked: 'chunk size', close: 'all to come' };

/** How long the line with a chunk's size may be, its extensions included. */
const MAX_SIZE_LINE = 256;
/** How many responses may come before the one that counts. */
const MAX_INTERIM = 32;

const EXTENSIONS = /^(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"[\t !#-[\]-~]*"))?)*$/;
const SIZE = /^[0-9a-f]{1,12}(?![0-9a-f])/i;

/**
 * Reads responses off one connection, one at a time, in whatever pieces they come. It is strict: what could be read in two ways
 * is refused, since another machine on the way may have read it in the other. Nothing that it hands on shares the bytes that it
 * was given.
 */
export class ResponseParser {
  #place: Place = 'nowhere';
  #bodiless = false;
  #begun = false;
  #interim = 0;
  #head: ResponseHead | undefined;
  /** How many header lines came of the head. */
  #lines = 0;
  /** How many bytes are to come of the body or of the chunk. */
  #left = 0;
  /** How many more bytes the lines may have. */
  #room = 0;
  /** What came of a line that was not whole. */
  #line: Buffer | undefined;
  #lineLength = 0;
  #keeps = false;
  #keepAlive: string | undefined;

  constructor(
    readonly reader: Reader,
    readonly known: KnownLines,
  ) {}

  /** Whether the connection may carry another request, as far as the last response says. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** What the last response said of how long its connection is kept. */
  get keepAlive(): string | undefined {
    return this.#keepAlive;
  }

  /** A response is due. @param bodiless whether it answers a request whose responses never have a body */
  begin(bodiless: boolean): void {
    this.#place = 'status line';
    this.#room = MAX_HEAD_BYTES;
    this.#bodiless = bodiless;
    this.#begun = false;
    this.#interim = 0;
    this.#keeps = false;
    this.#keepAlive = undefined;
  }

  /** Nobody is told of anything any more. */
  stop(): void {
    this.#place = 'nowhere';
    this.#head = undefined;
    this.#line = undefined;
    this.#lineLength = 0;
  }

  /**
   * Reads the first `to` of these bytes.
   * @returns how many of them were of the response that is due
   * @throws WireError
   */
  read(bytes: Buffer, to: number): number {
    let at = 0;
    while (at < to) {
      switch (this.#place) {
        case 'nowhere':
          return at;
        case 'body':
        case 'chunk':
          at = this.#takeBody(bytes, at, to);
          break;
        case 'all to come':
          this.reader.took(copyOf(bytes, at, to));
          return to;
        case 'status line':
          at = this.#skipEmpty(bytes, at, to);
          if (at < to) at = this.#takeLine(bytes, at, to);
          break;
        case 'header':
          at = this.#takeKnown(bytes, at, to);
          if (at < to) at = this.#takeLine(bytes, at, to);
          break;
        default:
          at = this.#takeLine(bytes, at, to);
      }
    }
    return at;
  }

  /**
   * The connection has ended.
   * @returns whether that was the end of the response
   */
  end(): boolean {
    if (this.#place !== 'all to come') return false;
    this.#finish();
    return true;
  }

  /** Empty lines before a response are no part of it (RFC 9112, 2.2), but there may not be many. */
  #skipEmpty(bytes: Buffer, from: number, to: number): number {
    let at = from;
    if (this.#lineLength > 0) return at;
    while (at < to && (bytes[at] === CR || bytes[at] === LF)) at++;
    this.#spend(at - from);
    if (at < to && !this.#begun) {
      this.#begun = true;
      this.reader.begun();
    }
    return at;
  }

  #takeBody(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#left);
    this.#left -= end - from;
    this.reader.took(copyOf(bytes, from, end));
    if (this.#left === 0)
      if (this.#place === 'body') this.#finish();
      else if (this.#place === 'chunk') this.#expect('end of chunk', 2);
    return end;
  }

  /** Takes as many header lines as are known. */
  #takeKnown(bytes: Buffer, from: number, to: number): number {
    let at = from;
    if (this.#lineLength > 0) return at;
    for (let line = this.known.at(this.#lines, bytes, at, to); line; line = this.known.at(this.#lines, bytes, at, to)) {
      this.#spend(line.bytes.length);
      this.#lines++;
      this.#head?.take(line);
      at += line.bytes.length;
    }
    return at;
  }

  #takeLine(bytes: Buffer, from: number, to: number): number {
    let end = from;
    while (end < to && bytes[end] !== LF) end++;
    if (end === to) {
      this.#spend(end - from);
      this.#putBy(bytes, from, end);
      return end;
    }
    this.#spend(end + 1 - from);
    if (!this.#line || this.#lineLength === 0) this.#readLine(bytes, from, end);
    else {
      this.#putBy(bytes, from, end);
      const length = this.#lineLength;
      this.#lineLength = 0;
      this.#readLine(this.#line, 0, length);
    }
    return end + 1;
  }

  /** Keeps a line that is not whole; what can't become one is refused at once, since the rest may never come. */
  #putBy(bytes: Buffer, from: number, to: number): void {
    this.#line ??= Buffer.allocUnsafe(MAX_HEAD_BYTES);
    bytes.copy(this.#line, this.#lineLength, from, to);
    this.#lineLength += to - from;
    if (this.#place === 'status line' && !mayBeginStatusLine(this.#line, 0, this.#lineLength)) throw broken('no status line');
    if (this.#place === 'end of chunk' && (this.#lineLength > 1 || this.#line[0] !== CR)) throw broken('a chunk of another length');
  }

  #spend(bytes: number): void {
    this.#room -= bytes;
    if (this.#room >= 0) return;
    if (this.#place === 'chunk size') throw broken('too much beside the size of a chunk');
    if (this.#place === 'end of chunk') throw broken('a chunk of another length');
    throw new WireError('ERR_WIRE_HEAD_TOO_LARGE', `the response has more than ${MAX_HEAD_BYTES} bytes of headers`);
  }

  /** @param end where the LF of the line stands */
  #readLine(bytes: Buffer, from: number, end: number): void {
    const to = end - 1;
    if (to < from || bytes[to] !== CR) throw broken('a line that ends in LF alone');
    switch (this.#place) {
      case 'status line':
        this.#head = ResponseHead.begin(bytes, from, to);
        this.#lines = 0;
        this.#place = 'header';
        break;
      case 'header':
        if (to === from) this.#headed();
        else this.#takeHeader(bytes, from, to);
        break;
      case 'chunk size':
        this.#takeSize(bytes.toString('latin1', from, to));
        break;
      case 'end of chunk':
        this.#expect('chunk size', MAX_SIZE_LINE);
        break;
      case 'trailer':
        if (to === from) this.#finish();
        else dropTrailer(bytes, from, to);
        break;
      default: // the other places have no lines
    }
  }

  #takeHeader(bytes: Buffer, from: number, to: number): void {
    const line = fieldLineOf(bytes, from, to);
    this.#head?.take(line);
    this.known.note(this.#lines++, line, bytes, from, to);
  }

  #headed(): void {
    const head = this.#head;
    if (!head) return;
    const { status, headers } = head;
    const framing = head.framing(this.#bodiless);
    if (status === 100 || status === 101) throw new WireError('ERR_WIRE_UNASKED', `a ${status} that was not asked for`);
    if (status < 200) {
      if (!head.keeps) throw broken('one before it that ends its connection');
      if (++this.#interim > MAX_INTERIM) throw broken('too many before it');
      this.#expect('status line', MAX_HEAD_BYTES);
      return;
    }
    this.#head = undefined;
    this.#keeps = head.keeps && !this.#bodiless && framing !== 'close';
    this.#keepAlive = head.keepAlive;
    this.#left = head.length;
    this.#expect(afterHead[framing], MAX_SIZE_LINE);
    this.reader.headed(status, headers);
    if (framing === 'none') this.#finish();
  }

  #takeSize(line: string): void {
    const digits = SIZE.exec(line)?.[0];
    if (digits === undefined || !EXTENSIONS.test(line.slice(digits.length))) throw broken('a chunk without a size');
    this.#left = Number.parseInt(digits, 16);
    if (this.#left === 0) this.#expect('trailer', MAX_HEAD_BYTES);
    else this.#place = 'chunk';
  }

  #expect(place: Place, room: number): void {
    this.#place = place;
    this.#room = room;
  }

  #finish(): void {
    this.stop();
    this.reader.ended();
  }
}

function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const own = Buffer.allocUnsafe(to - from);
  bytes.copy(own, 0, from, to);
  return own;
}
