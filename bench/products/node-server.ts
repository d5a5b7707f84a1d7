import { readFileSync } from 'node:fs';
import { type RequestListener, createServer } from 'node:http';
import { z } from 'zod';

// Static JSON from node:http, where nginx is not installed: `node node-server.ts places.json`.
const Places = z.array(z.object({ port: z.int(), path: z.string(), prefix: z.boolean(), file: z.string() }));

const places = Places.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
for (const port of new Set(places.map((place) => place.port))) {
  const own = places.filter((place) => place.port === port).map((place) => ({ ...place, body: readFileSync(place.file) }));
  const exact = new Map(own.filter(({ prefix }) => !prefix).map(({ path, body }) => [path, body]));
  const prefixes = own.filter(({ prefix }) => prefix);
  const listener: RequestListener = ({ url = '' }, response) => {
    const path = url.split('?', 1)[0] ?? url;
    const body = exact.get(path) ?? prefixes.find((place) => path.startsWith(place.path))?.body;
    if (body) response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.byteLength }).end(body);
    else response.writeHead(404).end();
  };
  createServer({ keepAliveTimeout: 600_000 }, listener).listen(port, '127.0.0.1');
}
