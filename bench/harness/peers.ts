import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Child, child, freePort } from '../../scripts/soak/child.ts';
import { whenever } from '../../scripts/soak/load.ts';
import { GATEWAY_CORE, at, isInstalled, onCore } from './machine.ts';

/** A server that does the work items, and how it is started. */
export interface Peer {
  /** As tables name it. */
  readonly name: string;
  /** What it is, in a line. */
  readonly what: string;
  /** The work items that it does. */
  readonly items: readonly string[];
  /** The script of a Node process, below `bench/`; nginx is one by itself. */
  readonly script: string;
  /** Asked by queries, and not by paths. */
  readonly speaksGraphQL?: true;
}

/** A peer that runs. */
export interface Running extends AsyncDisposable {
  readonly peer: Peer;
  readonly url: string;
  readonly process: Child;
  /** Where its metrics are; undefined for others than the gateway. */
  readonly opsUrl: string | undefined;
  /** Where a profile is written once it is asked for by SIGUSR2 twice: to begin, to end. */
  readonly profile: string;
}

const ALL = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7'];

/** The gateway itself. */
export const ours: Peer = { name: 'ours', what: 'Interline as it is built', items: [...ALL, 'W1 contract'], script: 'ours/main.ts' };
/** What it is to beat. */
export const bare: Peer = {
  name: '(a) bare',
  what: 'node:http and undici `request`, written by hand',
  items: ALL,
  script: 'peers/bare.ts',
};
/** What most teams write. */
export const nest: Peer = { name: '(c) Nest', what: 'Nest, express, HttpService', items: ALL, script: 'peers/nest-express.ts' };

const fastify: Peer = { name: '(b) Fastify', what: 'Fastify and undici `request`, by hand', items: ALL, script: 'peers/fastify.ts' };
/** Hive Gateway, over which W2 has a floor. */
export const hive: Peer = {
  name: '(d) Hive',
  what: 'Hive Gateway over a supergraph of REST sources',
  items: ['W2', 'W3'],
  script: 'peers/hive.ts',
  speaksGraphQL: true,
};
const apollo: Peer = {
  name: '(e) Apollo',
  what: 'Apollo Server with REST data sources',
  items: ['W2', 'W3'],
  script: 'peers/apollo.ts',
  speaksGraphQL: true,
};
const httpProxy: Peer = { name: '(f) http-proxy', what: '@fastify/http-proxy', items: ['W1'], script: 'peers/http-proxy.ts' };
const platformatic: Peer = { name: '(f) Platformatic', what: "Platformatic's gateway", items: ['W1'], script: 'peers/platformatic.ts' };
const nginx: Peer = { name: '(g) nginx', what: 'nginx as a proxy, one worker', items: ['W1'], script: 'nginx' };

const peers = [bare, fastify, nest, hive, apollo, httpProxy, platformatic, ...(isInstalled('nginx') ? [nginx] : []), ours];

/** Who takes part, by the word after `--against`. Without one: `some`. */
export const against: Readonly<Record<string, readonly Peer[]>> = {
  bare: [bare, ours],
  some: [bare, nest, ours],
  peers,
  all: peers,
};

/** What a peer is told besides: `known` is for W7. */
export interface StartTerms {
  readonly env: Readonly<Record<string, string>>;
  readonly known: boolean;
  /** More calls of the gateway's at once than its defaults let out, so that thousands of connections can be answered. */
  readonly wide?: boolean;
  /** Flags for Node. */
  readonly flags?: readonly string[];
}

/** Starts a peer on the core that is measured, and waits until it listens. */
export async function start(peer: Peer, { env, known, wide = false, flags = [] }: StartTerms): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'interline-bench-'));
  const profile = join(folder, 'profile.json');
  if (peer.script === 'nginx') return startNginx(peer, folder, env);
  const args = [...(peer === ours ? ['--enable-source-maps', '--no-allocation-site-pretenuring'] : []), ...flags, at(peer.script)]; // as `start:prod` has it
  const process_ = child(...onCore(GATEWAY_CORE, process.execPath, args), {
    NODE_ENV: 'production',
    PROFILE: profile,
    ...env,
    ...(peer === ours && settings(folder, known, wide)),
  });
  const said = await process_.finds((line) => /^listening \d+(?: ops \d+)?$/.exec(line)?.[0]);
  const [, port, , opsPort] = said.split(' ');
  return {
    peer,
    url: `http://127.0.0.1:${port}`,
    opsUrl: opsPort === undefined ? undefined : `http://127.0.0.1:${opsPort}`,
    process: process_,
    profile,
    async [Symbol.asyncDispose]() {
      await process_[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** nginx as a good operator sets it up: one worker, connections kept to the product. */
async function startNginx(peer: Peer, folder: string, env: StartTerms['env']): Promise<Running> {
  const port = await freePort();
  const product = new URL(env['CATALOG_URL'] ?? '');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off; server_tokens off; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream catalog { server ${product.host}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location /products/legacy/ { proxy_pass http://catalog/v1/; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
  );
  const running = child(...onCore(GATEWAY_CORE, 'nginx', ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf']));
  const url = `http://127.0.0.1:${port}`;
  if (
    Number.isNaN(
      await whenever(
        async () =>
          fetch(url).then(
            () => true,
            () => false,
          ),
        5000,
      ),
    )
  )
    throw new Error(`nginx: ${running.said.join('\n')}`);
  return {
    peer,
    url,
    opsUrl: undefined,
    process: running,
    profile: '',
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What only the gateway is told. Where all is on, its log writes a line for each request into a file. */
function settings(folder: string, known: boolean, wide: boolean): Readonly<Record<string, string>> {
  const file = at(known ? 'ours/gateway.full.yaml' : 'ours/gateway.yaml');
  const widened = join(folder, 'gateway.yaml');
  if (wide) writeFileSync(widened, JSON.stringify({ ...Section.parse(parse(readFileSync(file, 'utf8'))), ...WIDE }));
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    OPS_PORT: '0',
    DATA_DIR: folder,
    GATEWAY_CONFIG: wide ? widened : file,
    LOG_LEVEL: known ? 'info' : 'warn',
    ...(known && { LOG_FILE: join(folder, 'log') }),
    ...Object.fromEntries(['CATALOG', 'INVENTORY', 'REVIEWS', 'SHOP', 'ACCOUNTS'].map((name) => [`${name}_API_KEY`, `key-of-${name}`])),
  };
}

const Section = z.record(z.string(), z.unknown());

/** What lets 2,000 callers in at once, and their calls out. */
export const WIDE = {
  edge: { connections: { perAddress: 10_000 }, shed: { inFlight: 10_000, delay: '30s' } },
  defaults: {
    product: { connections: 64, deadline: '5s', bulkhead: { concurrent: 4000, queue: 4000, wait: '1s' } },
    route: { deadline: '10s' },
  },
};
