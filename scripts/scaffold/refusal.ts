/** Why a scaffold writes nothing: for the person at the terminal, who is told what to type instead. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Runs a scaffold to its end: a refusal, or an option that does not exist, is said in a line; anything else is a bug and shows its stack. */
export async function told(usage: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isExpected(error)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exitCode = 1;
  }
}

const isExpected = (error: unknown): error is Error =>
  error instanceof Refusal || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
