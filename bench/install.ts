import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Installs the packages of the peers, where they are not there yet.
const folder = fileURLToPath(new URL('peers', import.meta.url));
if (!existsSync(`${folder}/node_modules`))
  process.exitCode = spawnSync('npm', ['ci', '--prefix', folder], { stdio: 'inherit' }).status ?? 1;
