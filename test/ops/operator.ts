import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';
import { PolicyAnswer } from '../../src/ops/schemas.js';

/** What the ops port answered. */
export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

/** What is sent. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON, a text as it is. */
  readonly body?: unknown;
}

/** Somebody at the ops port. Unlike `fetch`, it may send any Host. */
export class OpsPort {
  constructor(readonly url: string) {}

  async ask(path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Told> {
    const bytes = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const typed = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
    const response = await new Promise<Parameters<NonNullable<Parameters<typeof request>[2]>>[0]>((resolve, reject) => {
      const sent = request(this.url + path, { method, headers: { ...typed, ...headers }, agent: false }, resolve);
      sent.on('error', reject).end(bytes);
    });
    const said = await text(response);
    const json = /json/.test(response.headers['content-type'] ?? '');
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: said,
      body: json ? (JSON.parse(said) as unknown) : undefined,
    };
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    return this.ask(path, { method: 'POST', body, headers });
  }

  /** Turns knobs for the revision that is in force now, or for the one that is given. */
  async turn(body: object, ifMatch?: string, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    const revision = ifMatch ?? `"${(await this.policy()).revision}"`;
    return this.ask('/ops/policy', { method: 'PATCH', headers: { 'if-match': revision, ...headers }, body });
  }

  /** The policy in force, or the part of it at a path. */
  async policy(path?: string): Promise<z.output<typeof PolicyAnswer>> {
    const { body } = await this.ask(`/ops/policy${path === undefined ? '' : `?path=${encodeURIComponent(path)}`}`);
    return PolicyAnswer.parse(body);
  }
}
