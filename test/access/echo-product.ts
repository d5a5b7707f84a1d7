import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import type { AnyOperation } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { FakeProduct } from '../fake-product.js';

/** What stands in an answer that was made for nobody in particular. */
export const NOBODY = 'made-for-nobody';

/** What stands in an answer that was made for this user or this consumer. */
export const markOf = (who: string): string => `made-for-${who}`;

/** A product that answers by its contract, and writes for whom it made the answer wherever its contract leaves room for a text. */
export async function echoProduct(operations: readonly AnyOperation[]): Promise<FakeProduct> {
  const [first] = operations;
  const product = new FakeProduct(first?.product ?? 'nobody', operations);
  // Versions of one operation have one name there.
  for (const [name, versions] of Map.groupBy(operations, (operation) => operation.name))
    product.raw((request, response) => {
      const operation = versions.find(({ version }) => request.url?.startsWith(`/v${version}/`));
      if (operation) answer(operation, request, response);
      else response.writeHead(404).end();
    }, name);
  return product.listen();
}

function answer(operation: AnyOperation, { headers, url = '' }: IncomingMessage, response: ServerResponse): void {
  const token = headers['x-user-token'];
  const consumer = headers['x-interline-consumer'];
  const who = typeof token === 'string' ? decodeJwt(token).sub : typeof consumer === 'string' ? consumer : undefined;
  const keys = new URL(url, 'http://product').searchParams.getAll(operation.batches?.list ?? '');
  const value = marked(operation, who === undefined ? NOBODY : markOf(who), keys);
  response.writeHead(operation.status, { 'content-type': 'application/json' }).end(value === undefined ? undefined : JSON.stringify(value));
}

/** A sample of an answer in which every text that may be any text is the mark. */
export function marked(operation: AnyOperation, mark: string, keys: readonly string[] = []): unknown {
  const { output, batches } = operation;
  const whole: unknown = structuredClone(sample(output, { items: Math.max(1, keys.length) }));
  if (batches) {
    const list: unknown = batches.at === undefined ? whole : isFields(whole) ? whole[batches.at] : undefined;
    if (Array.isArray(list)) for (const [i, key] of keys.entries()) if (isFields(list[i])) list[i][batches.by] = key;
  }
  const fits = (): boolean => output.safeParse(whole).success;
  const visit = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return;
    const fields = at as Record<string, unknown>;
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value !== 'string') visit(value);
      else if (name !== batches?.by) {
        fields[name] = mark;
        if (!fits()) fields[name] = value;
      }
    }
  };
  visit(whole);
  return whole;
}

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
