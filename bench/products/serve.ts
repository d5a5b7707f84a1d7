import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, child, freePort } from '../../scripts/soak/child.ts';
import { LOAD_CORE, isInstalled, onCore } from '../harness/machine.ts';
import { bodies } from './bodies.ts';

/** The products, each on a port of its own, all in one process on the core of the load. */
export interface Products extends AsyncDisposable {
  /** Where each is, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** What serves them: `nginx`, or `node:http` where that is not installed. */
  readonly server: string;
  readonly process: Child;
  /** The same, as the variables that gateways read: `CATALOG_URL`. */
  readonly env: Readonly<Record<string, string>>;
  /** How many requests they have had so far; NaN where nobody counts. */
  asked(): Promise<number>;
}

/** What a product answers at a path: static JSON. `prefix`: whatever the path goes on with. */
interface Place {
  readonly product: string;
  readonly port: number;
  readonly path: string;
  readonly prefix: boolean;
  readonly file: string;
}

/** Serves the products' answers as files of static JSON. `jwks`: the public keys that accounts publishes. */
export async function serveProducts(jwks: string): Promise<Products> {
  const folder = mkdtempSync(join(tmpdir(), 'interline-bench-products-'));
  const places = await placed(folder, jwks);
  const ports = new Map(places.map(({ product, port }) => [product, port]));
  const urls = Object.fromEntries([...ports].map(([product, port]) => [product, `http://127.0.0.1:${port}`]));
  const server = isInstalled('nginx') ? 'nginx' : 'node:http';
  const statusPort = await freePort();
  const process = server === 'nginx' ? nginx(folder, places, statusPort) : nodeHttp(folder, places);
  let looks = 0;
  await answered(`${urls['catalog']}/v1/items`, process);
  return {
    urls,
    server,
    process,
    env: Object.fromEntries(Object.entries(urls).map(([product, url]) => [`${product.toUpperCase()}_URL`, url])),
    async asked() {
      if (server !== 'nginx') return Number.NaN;
      const status = await (await fetch(`http://127.0.0.1:${statusPort}/`)).text();
      return Number(/^ \d+ \d+ (\d+)/m.exec(status)?.[1]) - ++looks; // but for the looks themselves
    },
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function placed(folder: string, jwks: string): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const [product, answers] of Object.entries(bodies)) {
    const port = await freePort();
    mkdirSync(join(folder, product));
    const texts = Object.entries(answers).map(([path, body]): [string, string] => [path, JSON.stringify(body)]);
    if (product === 'accounts') texts.push(['/.well-known/jwks.json', jwks]);
    for (const [i, [path, text]] of texts.entries()) {
      const file = `${product}/${i}.json`;
      writeFileSync(join(folder, file), text);
      places.push({ product, port, path: `/v1${path}`, prefix: path.endsWith('/'), file });
    }
  }
  return places;
}

/** One worker without logs, files kept open, connections kept for good. Nothing is said of freshness, and nothing that a cache could ask by. */
function nginx(folder: string, places: readonly Place[], statusPort: number): Child {
  const ports = [...new Set(places.map(({ port }) => port))];
  const servers = ports.map((port) => {
    const locations = places
      .filter((place) => place.port === port)
      .map(({ path, prefix, file }) => `location ${prefix ? '^~' : '='} ${path} { try_files /${file} =404; }`);
    return `server { listen 127.0.0.1:${port} backlog=4096; ${locations.join('\n')} }`;
  });
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr error; worker_rlimit_nofile 65536;
events { worker_connections 32768; multi_accept on; }
http {
  access_log off; root ${folder}; default_type application/json; server_tokens off; tcp_nodelay on;
  etag off; max_ranges 0; if_modified_since off; add_header Last-Modified "";
  keepalive_requests 1000000000; keepalive_timeout 600s;
  open_file_cache max=100 inactive=1h; open_file_cache_valid 1h;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${statusPort}; location / { stub_status; } }
  ${servers.join('\n')}
}
`,
  );
  return child(...onCore(LOAD_CORE, 'nginx', ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf']));
}

function nodeHttp(folder: string, places: readonly Place[]): Child {
  const table = join(folder, 'places.json');
  writeFileSync(table, JSON.stringify(places.map((place) => ({ ...place, file: join(folder, place.file) }))));
  return child(...onCore(LOAD_CORE, process.execPath, [fileURLToPath(new URL('node-server.ts', import.meta.url)), table]));
}

async function answered(url: string, { said }: Child): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // not yet
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the products do not answer at ${url}: ${said.join('\n')}`);
}
