import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html, icon, init, theme } from './page.js';
import type { OpenApiDocument } from './specification.js';

/** The page loads from its own origin alone. Swagger UI writes style attributes and data: images, no inline script. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const security = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

// From the package itself: nothing is asked of another machine.
const require = createRequire(import.meta.url);
const style = require.resolve('swagger-ui-dist/swagger-ui.css');
const bundle = require.resolve('swagger-ui-dist/swagger-ui-bundle.js');

/**
 * Registers `GET /openapi.json`, which gives the document, and `GET /docs`, which shows it, with the few files that
 * the page needs and no other. All carry an ETag and are answered 304 while it holds; HEAD is answered too.
 */
export function docs(app: FastifyInstance, document: OpenApiDocument): void {
  serve(app, '/openapi.json', 'application/json; charset=utf-8', () => JSON.stringify(document));
  serve(app, '/docs', 'text/html; charset=utf-8', () => html);
  serve(app, '/docs/init.js', 'text/javascript; charset=utf-8', () => init);
  serve(app, '/docs/theme.css', 'text/css; charset=utf-8', () => theme);
  serve(app, '/docs/icon.svg', 'image/svg+xml', () => icon);
  serve(app, '/docs/swagger-ui.css', 'text/css; charset=utf-8', () => readFile(style));
  serve(app, '/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', () => readFile(bundle));
}

/** Serves bytes that never change while the process lives; they are prepared when somebody first asks. */
function serve(app: FastifyInstance, url: string, type: string, load: () => string | Promise<Buffer>): void {
  let prepared: Promise<Prepared> | undefined;
  app.route({
    method: 'GET',
    exposeHeadRoute: true,
    url,
    async handler(request: FastifyRequest, reply: FastifyReply) {
      // Shared while it is under way: a crowd that comes at first would hold a copy each.
      prepared ??= prepare(load).catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      const { bytes, etag } = await prepared;
      reply.headers({ ...security, etag, 'cache-control': 'no-cache' });
      if (isNamedBy(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.type(type).send(bytes);
    },
  });
}

interface Prepared {
  readonly bytes: Buffer;
  readonly etag: string;
}

async function prepare(load: () => string | Promise<Buffer>): Promise<Prepared> {
  const bytes = Buffer.from(await load());
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
}

/** Whether an If-None-Match names this entity tag, by the weak comparison of RFC 9110, section 13.1.2. */
const isNamedBy = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag));
