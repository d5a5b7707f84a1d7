import { isConsumer } from '#contracts/kernel/index.js';
import { systemClock } from '../clock.js';
import { readEnv } from '../env.js';
import { scan } from '../registry/scan.js';
import { command } from './command.js';
import { withKeys } from './open-keys.js';

const { out, err, exitCode } = await command(process.argv.slice(2), {
  nowMs: systemClock.date(),
  // Consumers alone: a key can be taken back while some other contract is broken.
  known: async () => new Set((await scan('contracts/consumers', isConsumer)).map(({ value }) => value.name)),
  // oxlint-disable-next-line node/no-process-env -- where this program starts
  withStore: (work) => withKeys(readEnv(process.env), systemClock, work),
});
if (err.length > 0) process.stderr.write(`${err.join('\n')}\n`);
if (out.length > 0) process.stdout.write(`${out.join('\n')}\n`);
process.exitCode = exitCode;
