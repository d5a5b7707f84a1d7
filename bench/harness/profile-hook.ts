import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

// Loaded before a server that is to be profiled (`node --import`): SIGUSR2 begins, SIGUSR2 ends and writes to where PROFILE says.
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 200 });
let under = false;
process.on('SIGUSR2', () => void turn());

async function turn(): Promise<void> {
  under = !under;
  if (under) return session.post('Profiler.start');
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(process.env['PROFILE'] ?? 'profile.json', JSON.stringify(profile));
  console.log('profiled');
}
