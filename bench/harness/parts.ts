import { child } from '../../scripts/soak/child.ts';
import { GATEWAY_CORE, at, onCore } from './machine.ts';
import type { Print } from './print.ts';

/** Prints the cost sheet, measured in a process of its own on the core of the gateway. @throws Error where that breaks off */
export async function parts(print: Print): Promise<void> {
  await using measuring = child(...onCore(GATEWAY_CORE, process.execPath, [at('parts/main.ts')]));
  const code = await measuring.exit;
  if (code !== 0) throw new Error(`the cost sheet broke off: ${measuring.said.join('\n')}`);
  print(`\n${measuring.said.join('\n')}`);
}
