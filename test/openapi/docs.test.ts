import { describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { docs } from '../../src/openapi/docs.js';
import { openapi } from '../../src/openapi/document.js';
import { operations, routes } from './sample-contracts.js';

const document = openapi({ operations, routes });

function server(): FastifyInstance {
  const app = fastify();
  docs(app, document);
  return app;
}

const files = [
  ['/openapi.json', 'application/json; charset=utf-8'],
  ['/docs', 'text/html; charset=utf-8'],
  ['/docs/init.js', 'text/javascript; charset=utf-8'],
  ['/docs/theme.css', 'text/css; charset=utf-8'],
  ['/docs/icon.svg', 'image/svg+xml'],
  ['/docs/swagger-ui.css', 'text/css; charset=utf-8'],
  ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
] as const;

describe('the docs', () => {
  it('give the document', async () => {
    await using app = server();
    expect((await app.inject('/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it.each(files)('serve %s as %s, to be asked for again each time', async (url, type) => {
    await using app = server();
    const { statusCode, headers, body } = await app.inject(url);
    expect([statusCode, body.length > 0]).toEqual([200, true]);
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';/),
    });
  });

  it.each(files)('answer 304 of %s while its ETag holds, without a body', async (url, _type) => {
    await using app = server();
    const { headers } = await app.inject(url);
    const etag = String(headers.etag);
    for (const named of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await app.inject({ url, headers: { 'if-none-match': named } });
      expect([named, again.statusCode, again.body, again.headers.etag]).toEqual([named, 304, '', etag]);
    }
    expect((await app.inject({ url, headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
  });

  it.each(files)('answer HEAD of %s as GET, without the body', async (url, _type) => {
    await using app = server();
    const [get, head] = [await app.inject(url), await app.inject({ method: 'HEAD', url })];
    const { date: _, ...headers } = get.headers;
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers).toMatchObject(headers);
  });

  it.each(files)('prepare %s once, however many ask for it at first', async (url, _type) => {
    await using app = server();
    const sent = new Set<unknown>();
    app.addHook('onSend', (_request, _reply, payload, done) => {
      sent.add(payload);
      done();
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.inject(url)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
    expect(sent.size).toBe(1);
  });

  it('serve no other file of Swagger UI', async () => {
    await using app = server();
    for (const url of [
      '/docs/package.json',
      '/docs/index.html',
      '/docs/swagger-ui.js',
      '/docs/../package.json',
      '/docs/%2e%2e/package.json',
    ])
      expect([url, (await app.inject(url)).statusCode]).toEqual([url, 404]);
  });
});
