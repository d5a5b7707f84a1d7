import { z } from 'zod';

/** A CPU profile as V8 writes it, as far as it is read here. */
export const Profile = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }) })),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.int()),
});
export type Profile = z.output<typeof Profile>;

type Frame = Profile['nodes'][number]['callFrame'];

/** What some part of the code took itself, as a share of all that was not idle. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

/** The shares of files and packages, and those of functions; the largest first. */
export interface Shares {
  readonly layers: readonly Share[];
  readonly functions: readonly Share[];
}

/** Where the time went. */
export function sharesOf({ nodes, samples, timeDeltas }: Profile): Shares {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const layers = new Map<string, number>();
  const functions = new Map<string, number>();
  let all = 0;
  for (const [i, id] of samples.entries()) {
    const frame = frames.get(id);
    const took = timeDeltas[i + 1] ?? 0; // a delta stands for the time until its sample: what ran before it
    if (!frame || frame.functionName === '(idle)') continue;
    all += took;
    const layer = layerOf(frame);
    layers.set(layer, (layers.get(layer) ?? 0) + took);
    const name = `${frame.functionName || '(anonymous)'} ${layer}${frame.lineNumber < 0 ? '' : `:${frame.lineNumber + 1}`}`;
    functions.set(name, (functions.get(name) ?? 0) + took);
  }
  const sorted = (took: ReadonlyMap<string, number>): Share[] =>
    [...took].map(([name, time]) => ({ name, share: time / all })).sort((a, b) => b.share - a.share);
  return { layers: sorted(layers), functions: sorted(functions) };
}

/** The file of ours, the package, or what of Node it is. */
function layerOf({ url, functionName, lineNumber }: Frame): string {
  const own = /\/dist\/((?:src|contracts)\/.+)\.js$/.exec(url)?.[1];
  if (own !== undefined) return own;
  const packageName = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (packageName !== undefined) return packageName;
  const bench = /\/bench\/(.+)\.ts$/.exec(url)?.[1];
  if (bench !== undefined) return `bench/${bench}`;
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  if (functionName.startsWith('(')) return functionName; // (garbage collector), (program): V8 and what it waits for
  if (url !== '') return url;
  return lineNumber < 0 ? 'native' : 'compiled at run time'; // JSON, writes to sockets, hashes; what zod compiles
}
