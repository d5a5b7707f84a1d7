const each = (beginnings: readonly string[], ends: readonly string[]): readonly string[] =>
  beginnings.flatMap((beginning) => ends.map((end) => `${beginning}${end}`));

/** Words for what a request is said to have been, before it came here. */
const WORDS = [
  ...['host', 'server', 'port', 'proto', 'protocol', 'scheme', 'ssl', 'https', 'prefix', 'path', 'uri', 'url', 'query', 'method'],
  ...['for', 'by', 'from', 'ip', 'addr', 'address', 'user', 'client', 'client-ip', 'client-port', 'cert', 'tenant', 'groups'],
];

/**
 * Header names under which servers, frameworks and proxies are told where a request came from, which address it means, or who asks:
 * what tools that look for poisoned caches try, and whole families of them.
 */
export const claims: readonly string[] = [
  ...new Set([
    ...each(['x-forwarded-', 'x-forward-', 'forwarded-', 'x-original-', 'x-originating-', 'x-original-request-', 'x-rewrite-'], WORDS),
    ...each(['x-real-', 'x-remote-', 'remote-', 'x-proxy-', 'x-http-', 'x-envoy-', 'x-middleware-', 'x-invoke-', 'x-accel-'], WORDS),
    ...each(['', 'x-', 'cf-', 'fastly-', 'true-', 'x-true-', 'x-cluster-', 'x-azure-', 'x-appengine-'], ['client-ip', 'client-host']),
    ...each(
      ['x-user', 'x-authenticated', 'x-interline', 'x-consumer', 'x-auth-request'],
      ['', '-id', '-name', '-email', '-groups', '-roles'],
    ),
    ...each(['x-goog-authenticated-user', 'x-ms-client-principal', 'x-amzn-oidc', 'x-jwt-assertion'], ['', '-id', '-email', '-data']),
    ...['forwarded', 'x-forwarded', 'x-host', 'x-host-override', 'x-http-method', 'x-http-method-override', 'x-method-override'],
    ...['x-http-host-override', 'x-http-path-override', 'x-http-destinationurl', 'http-host', 'x-scheme', 'x-url-scheme', 'x-ssl'],
    ...['front-end-https', 'x-https', 'base-url', 'request-uri', 'x-base-url', 'x-sendfile', 'destination-host'],
    ...['cf-connecting-ip', 'cf-connecting-ipv6', 'cf-visitor', 'client-ip', 'x-real-ip', 'true-client-ip', 'akamai-client-ip'],
    ...['cookie', 'cookie2', 'x-request-timeout-ms', 'traceparent', 'tracestate'],
  ]),
];
