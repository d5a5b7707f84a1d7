/** Words of one text. */
const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

const each = (beginnings: string, ends: string): readonly string[] =>
  words(beginnings).flatMap((beginning) => ['', ...words(ends)].map((end) => (end === '' ? beginning : `${beginning}-${end}`)));

/** What a request is said to have been, before it came here. */
const OF_REQUESTS = `
  host server port proto protocol scheme ssl https prefix path uri url query method
  for by from ip addr address user client client-ip client-port cert tenant groups`;

/**
 * Header names under which servers, frameworks and proxies are told where a request came from, which address it means, or who
 * asks: what tools that look for poisoned caches try, and whole families of them.
 */
export const claims: readonly string[] = [
  ...new Set([
    ...each('x-forwarded x-forward forwarded x-original x-originating x-original-request x-rewrite', OF_REQUESTS),
    ...each('x-real x-remote remote x-proxy x-http x-envoy x-middleware x-invoke x-accel', OF_REQUESTS),
    ...each('x-user x-authenticated x-interline x-consumer x-auth-request', 'id name email groups roles'),
    ...each('x-goog-authenticated-user x-ms-client-principal x-amzn-oidc x-jwt-assertion', 'id email data'),
    ...words(`
      client-ip x-client-ip cf-client-ip fastly-client-ip true-client-ip x-true-client-ip x-cluster-client-ip x-azure-clientip
      akamai-client-ip x-client-host cf-connecting-ip cf-connecting-ipv6 cf-visitor
      x-host x-host-override x-http-host-override x-http-path-override x-http-destinationurl http-host destination-host
      x-method-override x-scheme x-url-scheme x-ssl x-https front-end-https base-url x-base-url request-uri x-sendfile
      cookie cookie2 x-request-timeout-ms traceparent tracestate`),
  ]),
];
