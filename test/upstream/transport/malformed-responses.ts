/** A response as it would come over the wire, named for what is wrong with it, and what becomes of the call. */
export interface Malformed {
  readonly name: string;
  readonly bytes: string;
  /** Where the upstream closes the connection after it. */
  readonly closed: string;
  /** Where it leaves the connection open; `timeout` where the rest is still to come. */
  readonly kept: string;
}

const JSON_BODY = '{"id":"i-1"}';
const head = (...lines: readonly string[]): string => ['HTTP/1.1 200 OK', 'content-type: application/json', ...lines, '', ''].join('\r\n');
const status = (line: string): string => `${line}\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n${JSON_BODY}`;
const header = (line: string): string => head(line, 'content-length: 12') + JSON_BODY;
const length = (...values: readonly string[]): string => head(...values.map((value) => `content-length: ${value}`)) + JSON_BODY;
const coded = (value: string, body: string): string => head(`transfer-encoding: ${value}`) + body;
const chunked = (body: string): string => coded('chunked', body);
const CHUNKS = `c\r\n${JSON_BODY}\r\n0\r\n\r\n`;

const table: Readonly<Record<string, string>> = {
  // the status line
  'no bytes at all': '',
  'an empty line': '\r\n',
  'empty lines before the status line': `\r\n\r\n${status('HTTP/1.1 200 OK')}`,
  'text that is not HTTP': 'SSH-2.0-OpenSSH_9.2\r\n',
  'a TLS alert': '\u0015\u0003\u0001\u0000\u0002\u0002\u0028',
  'an HTTP/0.9 answer': JSON_BODY,
  'HTML without a head': '<html><body>sorry</body></html>',
  'a request in the place of a response': 'GET / HTTP/1.1\r\nhost: gateway\r\n\r\n',
  'a status line alone': 'HTTP/1.1 200 OK\r\n',
  'half of a status line': 'HTTP/1.1 2',
  'a lower-case protocol': status('http/1.1 200 OK'),
  'another protocol': status('ICY/1.1 200 OK'),
  'HTTP/2.0 in a status line': status('HTTP/2.0 200 OK'),
  'HTTP/1.2': status('HTTP/1.2 200 OK'),
  'HTTP/9.9': status('HTTP/9.9 200 OK'),
  'a version with one number': status('HTTP/1 200 OK'),
  'a version with two digits': status('HTTP/1.11 200 OK'),
  'no space before the status': status('HTTP/1.1200 OK'),
  'two spaces before the status': status('HTTP/1.1  200 OK'),
  'a tab before the status': status('HTTP/1.1\t200 OK'),
  'a space before the protocol': status(' HTTP/1.1 200 OK'),
  'a status of two digits': status('HTTP/1.1 20 OK'),
  'a status of four digits': status('HTTP/1.1 2000 OK'),
  'a status of letters': status('HTTP/1.1 abc OK'),
  'a negative status': status('HTTP/1.1 -20 OK'),
  'status 000': status('HTTP/1.1 000 Zero'),
  'status 099': status('HTTP/1.1 099 Low'),
  'status 600': status('HTTP/1.1 600 High'),
  'status 999': status('HTTP/1.1 999 Highest'),
  'a status without a reason': status('HTTP/1.1 200'),
  'a NUL in the reason': status('HTTP/1.1 200 O\u0000K'),
  'a bare CR in the reason': status('HTTP/1.1 200 O\rK'),
  'a status line that ends in LF alone': `HTTP/1.1 200 OK\ncontent-length: 12\r\n\r\n${JSON_BODY}`,
  'a switch of protocols that nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  'a 100 that nobody asked for': `HTTP/1.1 100 Continue\r\n\r\n${status('HTTP/1.1 200 OK')}`,
  'a hint, then nothing': 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
  // header lines
  'a header without a colon': header('broken'),
  'a header without a name': header(': value'),
  'a space before the colon': header('x-a : 1'),
  'a space inside a name': header('x a: 1'),
  'a tab inside a name': header('x\ta: 1'),
  'a NUL inside a name': header('x\u0000a: 1'),
  'a NUL inside a value': header('x-a: 1\u00002'),
  'a DEL inside a value': header('x-a: 1\u007f2'),
  'an escape inside a value': header('x-a: \u001b[31m'),
  'a name with parentheses': header('x(a): 1'),
  'a name that is not ASCII': header('x-\u00e9: 1'),
  'a value that is not ASCII': header('x-a: \u00e9\u00ff'),
  'a value folded over two lines': header('x-a: 1\r\n 2'),
  'a header that begins with a space': `HTTP/1.1 200 OK\r\n x-a: 1\r\ncontent-length: 12\r\n\r\n${JSON_BODY}`,
  'a bare CR inside a value': header('x-a: 1\r2'),
  'a bare LF between headers': head('x-a: 1\nx-b: 2', 'content-length: 12') + JSON_BODY,
  'headers that never end': head('x-a: 1').slice(0, -2),
  'headers that end in LF alone': `HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\n${JSON_BODY}`,
  'a header named __proto__': header('__proto__: polluted'),
  'a header named constructor, twice': header('constructor: a\r\nconstructor: b'),
  // how long the body is
  'an empty length': length(''),
  'a negative length': length('-12'),
  'a signed length': length('+12'),
  'a length in hex': length('0xc'),
  'a length with a fraction': length('12.0'),
  'a length of words': length('twelve'),
  'a length with a space inside': length('1 2'),
  'a list of equal lengths': length('12, 12'),
  'a list of unequal lengths': length('12, 13'),
  'equal lengths twice': length('12', '12'),
  'unequal lengths twice': length('12', '13'),
  'a length past 64 bits': length('18446744073709551616'),
  'a length past a double': length('9'.repeat(400)),
  'a length that is too long': length('100'),
  'a length that is too short': length('5'),
  'no length': head() + JSON_BODY,
  'a length and chunks': head('content-length: 12', 'transfer-encoding: chunked') + CHUNKS,
  'chunks and a length': head('transfer-encoding: chunked', 'content-length: 12') + CHUNKS,
  // chunks
  'an unknown transfer coding': coded('squeeze', JSON_BODY),
  'chunks that are compressed besides': coded('gzip, chunked', CHUNKS),
  'chunked that is not last': coded('chunked, gzip', CHUNKS),
  'chunked twice': coded('chunked, chunked', CHUNKS),
  'chunked spelled wrongly': coded('xchunked', CHUNKS),
  'chunked in quotes': coded('"chunked"', CHUNKS),
  'chunked after a vertical tab': coded('\u000bchunked', CHUNKS),
  'a chunk size that is no number': chunked(`xyz\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'an empty chunk size': chunked(`\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a negative chunk size': chunked(`-c\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a chunk size in 0x': chunked(`0xc\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a chunk size with a space': chunked(`c \r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a chunk size past 64 bits': chunked(`1${'0'.repeat(16)}c\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a chunk size that ends in LF alone': chunked(`c\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a chunk longer than its size': chunked(`5\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a chunk shorter than its size': chunked(`ff\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a chunk without its line end': chunked(`c\r\n${JSON_BODY}0\r\n\r\n`),
  'a chunk that ends in LF alone': chunked(`c\r\n${JSON_BODY}\n0\r\n\r\n`),
  'chunks without a last one': chunked(`c\r\n${JSON_BODY}\r\n`),
  'a last chunk without its end': chunked(`c\r\n${JSON_BODY}\r\n0\r\n`),
  'a bad chunk extension': chunked(`c;\u0000\r\n${JSON_BODY}\r\n0\r\n\r\n`),
  'a bad trailer': chunked(`c\r\n${JSON_BODY}\r\n0\r\nbro ken: 1\r\n\r\n`),
  'a trailer that names a length': chunked(`c\r\n${JSON_BODY}\r\n0\r\ncontent-length: 3\r\n\r\n`),
};

/** What becomes of those that are not simply malformed: closed after, kept open after. */
const kinds: Readonly<Record<string, readonly [closed: string, kept: string]>> = {
  // nothing that begins an answer
  'no bytes at all': ['unreachable', 'timeout'],
  'an empty line': ['unreachable', 'timeout'],
  'a status line alone': ['unreachable', 'timeout'],
  'half of a status line': ['unreachable', 'timeout'],
  'headers that never end': ['unreachable', 'timeout'],
  'a hint, then nothing': ['unreachable', 'timeout'],
  // an answer of which more could come
  'a length that is too long': ['malformed', 'timeout'],
  'chunked that is not last': ['malformed', 'timeout'],
  'chunked spelled wrongly': ['malformed', 'timeout'],
  'chunked in quotes': ['malformed', 'timeout'],
  'a chunk shorter than its size': ['malformed', 'timeout'],
  'chunks without a last one': ['malformed', 'timeout'],
  'a last chunk without its end': ['malformed', 'timeout'],
  'no length': ['ok', 'timeout'],
  'an unknown transfer coding': ['ok', 'timeout'],
  // harmless
  'empty lines before the status line': ['ok', 'ok'],
  'HTTP/2.0 in a status line': ['ok', 'ok'],
  'a status without a reason': ['ok', 'ok'],
  'a NUL in the reason': ['ok', 'ok'],
  'a value that is not ASCII': ['ok', 'ok'],
  'a header named __proto__': ['ok', 'ok'],
  'a header named constructor, twice': ['ok', 'ok'],
  'chunks that are compressed besides': ['ok', 'ok'],
  'chunked twice': ['ok', 'ok'],
  'status 600': ['error', 'error'],
  'status 999': ['error', 'error'],
};

/** About a hundred responses that break HTTP, or come close to it. */
export const malformedResponses: readonly Malformed[] = Object.entries(table).map(([name, bytes]) => {
  const [closed, kept] = kinds[name] ?? ['malformed', 'malformed'];
  return { name, bytes, closed, kept };
});
