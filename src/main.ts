import cluster from 'node:cluster';
import { type Env, EnvError, readEnv } from './env.js';

const env = readOrEnd();
// Loaded as they are needed: the process that starts workers answers nothing, and needs nothing that answers.
if (env && env.workers > 1 && cluster.isPrimary) await (await import('./workers/primary.js')).lead(env);
else if (env) await (await import('./serve.js')).serve(env, process.env);

function readOrEnd(): Env | undefined {
  try {
    return readEnv(process.env);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return undefined;
  }
}
