import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** A file of the bench, by its path below `bench/`. */
export const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The server under test has a core for itself; the load and the products share another one. */
export const GATEWAY_CORE = 0;
export const LOAD_CORE = 1;

/** Whether a program is there to be started. */
export const isInstalled = (program: string): boolean => spawnSync('which', [program], { stdio: 'ignore' }).status === 0;

const pins = isInstalled('taskset') && availableParallelism() > 1;

/** Whether the two cores are kept apart; without, figures say little. */
export const isPinned = (): boolean => pins;

/** A command that keeps to one core. */
export function onCore(core: number, command: string, args: readonly string[]): [command: string, args: readonly string[]] {
  return pins ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];
}

/** Keeps a process that runs already, with all its threads, to one core. */
export function keep(pid: number, core: number): void {
  if (pins) spawnSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
}

/** How many clock ticks a second the kernel counts in (`getconf CLK_TCK`). */
const TICKS = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/** The processor time that all threads of a process have taken, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third field, the state
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** What a process takes of the machine's memory, in MiB. */
export function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** For how long a core has been idle since the machine started, in seconds. */
export function idleSeconds(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '';
  const [, , , idle = 0, iowait = 0] = line.trim().split(' ').map(Number);
  return (idle + iowait) / TICKS;
}

/** The machine in a line: processor, cores, memory. */
export function machine(): string {
  const [first] = cpus();
  return `${first?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${(totalmem() / 1024 ** 3).toFixed(0)} GiB`;
}
