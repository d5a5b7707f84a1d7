import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Installs the packages of the peers, where they are not there yet, or others are.
const folder = fileURLToPath(new URL('peers', import.meta.url));
const lock = readFileSync(`${folder}/package-lock.json`, 'utf8');
const installed = `${folder}/node_modules/.installed.json`;
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
  const { status } = spawnSync('npm', ['ci', '--prefix', folder], { stdio: 'inherit' });
  if (status === 0) writeFileSync(installed, lock);
  else process.exitCode = status ?? 1;
}
