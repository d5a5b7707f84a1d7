import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Peer } from './peers.ts';

const Package = z.object({ version: z.string() });

const read = (path: string): z.output<typeof Package> | undefined => {
  const file = new URL(path, import.meta.url);
  return existsSync(file) ? Package.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
};

/** Packages that say what a peer is. */
const NAMED: readonly string[] = [
  'undici',
  'fastify',
  '@nestjs/core',
  'axios',
  '@graphql-hive/gateway',
  '@apollo/server',
  '@fastify/http-proxy',
  '@platformatic/gateway',
];

/** What takes part, with the versions of it. */
export function versions(peers: readonly Peer[]): string {
  const ours = read('../../package.json');
  const installed = NAMED.flatMap((name) => {
    const found = read(`../peers/node_modules/${name}/package.json`);
    return found ? [`${name} ${found.version}`] : [];
  });
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
  const nginx = peers.some(({ script }) => script === 'nginx') ? spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr.trim() : '';
  return [`Interline ${ours?.version ?? ''} ${commit}`.trim(), `Node ${process.version}`, ...installed, nginx]
    .filter((part) => part !== '')
    .join(', ');
}
