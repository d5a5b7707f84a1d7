/** A configuration that is well formed; each row of the table breaks one place of it. */
export const SOUND = `defaults:
  product: { deadline: 800ms }
  route: { deadline: 2s }
products:
  auth:
    urls: ['http://127.0.0.1:4101/v{version}']
    credential: { variable: AUTH_API_KEY }
`;
/** Its list of addresses. */
export const URL_LINE = "['http://127.0.0.1:4101/v{version}']";
/** The same with one text in the place of another. */
export const breaking = (what: string, by: string): string => SOUND.replace(what, by);

/** What is wrong, the text, and every line that is said of it. */
export const broken: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing in it', '', ['gateway.yaml:1:1 products: expected names with values, got nothing']],
  ['a list', '[]', ['gateway.yaml:1:1: expected keys with values, got []']],
  ['a text', 'hello', ['gateway.yaml:1:1: expected keys with values, got "hello"']],
  [
    'a section that has another name',
    breaking('products:', 'product:'),
    [
      'gateway.yaml:1:1 products: expected names with values, got nothing',
      'gateway.yaml:4:1 product: unknown key (did you mean "products"?); known here: defaults, bounds, edge, cache, identity, consumers, products, routes',
    ],
  ],
  [
    'an unknown section, like no other',
    `${SOUND}plugins: []\n`,
    ['gateway.yaml:8:1 plugins: unknown key; known here: defaults, bounds, edge, cache, identity, consumers, products, routes'],
  ],
  [
    'a misspelled key of a product',
    breaking('urls:', 'url:'),
    [
      'gateway.yaml:6:5 products.auth.urls: expected a list, got nothing',
      'gateway.yaml:6:5 products.auth.url: unknown key (did you mean "urls"?); known here: urls, credential, connections, identity, passThrough, mount, access, deadline, cache, limit, retry, hedge, breaker, bulkhead, operations',
    ],
  ],
  [
    'a misspelled key of the edge',
    `${SOUND}edge: { maxbody: 64 KiB }\n`,
    [
      'gateway.yaml:8:9 edge.maxbody: unknown key (did you mean "maxBody"?); known here: maxBody, requestTimeout, serverTiming, shed, limit, connections, cors, hops, trustedHops',
    ],
  ],
  [
    'a misspelled key of a route',
    `${SOUND}routes: { 'GET /v1/me': { fan-out: 3 } }\n`,
    [
      'gateway.yaml:8:27 routes.GET /v1/me.fan-out: unknown key (did you mean "fanOut"?); known here: access, deadline, fanOut, cache, limit',
    ],
  ],
  [
    'an unknown key of an operation',
    `${SOUND}    operations: { getUser: { retries: 3 } }\n`,
    [
      'gateway.yaml:8:30 products.auth.operations.getUser.retries: unknown key (did you mean "retry"?); known here: access, deadline, cache, retry, hedge, breaker',
    ],
  ],
  [
    'a duration without a unit',
    breaking('800ms', '800'),
    ['gateway.yaml:2:24 defaults.product.deadline: expected a duration like "800ms" or "2s", got 800'],
  ],
  [
    'a duration that is none',
    breaking('2s', 'soon'),
    ['gateway.yaml:3:22 defaults.route.deadline: expected a duration like "800ms" or "2s", got "soon"'],
  ],
  [
    'no time at all',
    breaking('800ms', '0ms'),
    ['gateway.yaml:2:24 defaults.product.deadline: expected more than nothing: a duration like "800ms" or "2s", got "0ms"'],
  ],
  ['more time than a timer has', breaking('2s', '25h'), ['gateway.yaml:3:22 defaults.route.deadline: expected 24h or less, got "25h"']],
  [
    'a negative duration',
    breaking('800ms', '-1s'),
    ['gateway.yaml:2:24 defaults.product.deadline: expected a duration like "800ms" or "2s", got "-1s"'],
  ],
  [
    'a size without a unit',
    `${SOUND}edge: { maxBody: 64 }\n`,
    ['gateway.yaml:8:18 edge.maxBody: expected a size like "64 KiB" or "5 MiB", got 64'],
  ],
  [
    'a size beyond what a buffer holds',
    `${SOUND}edge: { maxBody: 2000 MiB }\n`,
    ['gateway.yaml:8:18 edge.maxBody: expected 1024 MiB or less, got "2000 MiB"'],
  ],
  [
    'a word for a switch',
    `${SOUND}edge: { serverTiming: yes }\n`,
    ['gateway.yaml:8:23 edge.serverTiming: expected true or false, got "yes"'],
  ],
  ['no address', breaking(URL_LINE, '[]'), ['gateway.yaml:6:11 products.auth.urls: expected at least one, got []']],
  [
    'an address that is not in a list',
    breaking(URL_LINE, 'http://auth'),
    ['gateway.yaml:6:11 products.auth.urls: expected a list, got "http://auth"'],
  ],
  [
    'an address of another protocol',
    breaking('http:', 'ftp:'),
    [
      'gateway.yaml:6:12 products.auth.urls.0: expected an address like "http://127.0.0.1:4101/v{version}", got "ftp://127.0.0.1:4101/v{version}"',
    ],
  ],
  [
    'an address with a password, which is not repeated',
    breaking('127.0.0.1', 'user:hunter2@127.0.0.1'),
    [
      'gateway.yaml:6:12 products.auth.urls.0: expected an address without credentials, query or fragment, got "http://[hidden]@127.0.0.1:4101/v{version}"',
    ],
  ],
  [
    'an address with another placeholder',
    breaking('{version}', '{v}'),
    ['gateway.yaml:6:12 products.auth.urls.0: expected no other braces than "{version}", got "http://127.0.0.1:4101/v{v}"'],
  ],
  [
    'a credential itself, which is not repeated',
    breaking('{ variable: AUTH_API_KEY }', 'hunter2'),
    ['gateway.yaml:7:17 products.auth.credential: expected keys with values, got something else (not shown: it may be the secret itself)'],
  ],
  [
    'a variable that can be none',
    breaking('AUTH_API_KEY', 'auth.key'),
    [
      'gateway.yaml:7:29 products.auth.credential.variable: expected the name of an environment variable, like "AUTH_API_KEY", got something else (not shown: it may be the secret itself)',
    ],
  ],
  [
    'half a connection',
    `${SOUND}    connections: 0.5\n`,
    ['gateway.yaml:8:18 products.auth.connections: expected a whole number, got 0.5'],
  ],
  ['no connections', `${SOUND}    connections: 0\n`, ['gateway.yaml:8:18 products.auth.connections: expected 1 or more, got 0']],
  [
    'too many calls',
    `${SOUND}routes: { 'GET /v1/me': { fanOut: 5000 } }\n`,
    ['gateway.yaml:8:35 routes.GET /v1/me.fanOut: expected 1000 or less, got 5000'],
  ],
  ['a key that stands twice', `${SOUND}defaults: {}\n`, ['gateway.yaml:8:1 expected each key once: this one stands above already']],
  ['a product that stands twice', `${SOUND}  auth: {}\n`, ['gateway.yaml:8:3 expected each key once: this one stands above already']],
  ['a second document', `${SOUND}---\n{}\n`, ['gateway.yaml:8:1 expected one document: take out the line "---"']],
  ['an alias', `${SOUND}routes: *products\n`, ['gateway.yaml:8:9 expected no alias: write the value out, so that its place can be named']],
  ['a tag', `${SOUND}routes: !!js/function 'x'\n`, ['gateway.yaml:8:9 Unresolved tag: tag:yaml.org,2002:js/function']],
  [
    'a brace that is never closed',
    breaking('{ deadline: 2s }', '{ deadline: 2s'),
    ['gateway.yaml:4:1 Flow map in block collection must be sufficiently indented and end with a }'],
  ],
];
