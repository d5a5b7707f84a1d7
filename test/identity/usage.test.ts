import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Usage, usageFile } from '../../src/identity/usage.js';
import { handClock } from '../hand-clock.js';
import { temporaryFolder } from '../policy/temporary-folder.js';

const never = (error: unknown): never => {
  throw error;
};

/** What a process knows that starts in this folder. */
async function started(folder: string, worker?: number): Promise<Usage> {
  const usage = new Usage(handClock(), usageFile(folder, worker), never);
  await usage.restore();
  return usage;
}

describe('who called what', () => {
  it('is remembered by the next process, in one file', async () => {
    using folder = temporaryFolder();
    const first = await started(folder.path);
    first.uses('GET /v1/me', 'web');
    await first[Symbol.asyncDispose]();
    const second = await started(folder.path);
    expect(second.lastUse('GET /v1/me', 'web')).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(second.lastUse('GET /v1/me', 'app')).toBeUndefined();
    expect(readdirSync(folder.path)).toEqual(['access-used.json']);
  });

  it('is remembered of all workers, though they end at once', async () => {
    using folder = temporaryFolder();
    const workers = [await started(folder.path, 1), await started(folder.path, 2), await started(folder.path, 2)];
    workers.forEach((worker, i) => worker.uses('GET /v1/me', `consumer-${i}`));
    for (const worker of workers.slice(1)) await worker[Symbol.asyncDispose](); // one in the place of the other
    await workers[0]?.[Symbol.asyncDispose]();
    const next = await started(folder.path);
    for (const i of [0, 1, 2]) expect(next.lastUse('GET /v1/me', `consumer-${i}`)).toBeDefined();
    expect(readdirSync(folder.path)).toEqual(['access-used-1.json', 'access-used-2.json']);
  });

  it('is nothing where the file can not be read', async () => {
    using folder = temporaryFolder();
    for (const text of ['{"GET /v1/me":{"web":', '{"GET /v1/me":"web"}', '[]']) {
      writeFileSync(join(folder.path, 'access-used.json'), text);
      expect((await started(folder.path)).lastUse('GET /v1/me', 'web')).toBeUndefined();
    }
  });
});
