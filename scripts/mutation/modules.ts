/** A module whose mistakes would be dangerous, and the tests that are to find every one of them. */
export interface Module {
  readonly file: string;
  readonly tests: readonly string[];
}

const TOKENS = ['token-attacks', 'token-bounds', 'authenticate'].map((name) => `test/identity/${name}.test.ts`);

/** By what they are for. */
export const modules: Readonly<Record<string, readonly Module[]>> = {
  'cache key': [
    { file: 'src/upstream/key.ts', tests: ['test/cache/key.test.ts', 'test/upstream/key.test.ts', 'test/upstream/layers/coalesce'] },
  ],
  storability: [
    { file: 'src/cache/terms.ts', tests: ['test/cache/terms.test.ts', 'test/cache/standing.test.ts'] },
    { file: 'src/cache/vary.ts', tests: ['test/cache/vary.test.ts', 'test/cache/terms.test.ts'] },
  ],
  breaker: [{ file: 'src/upstream/breaker.ts', tests: ['test/upstream/layers/breaker'] }],
  limiter: [{ file: 'src/limits/gcra.ts', tests: ['test/limits/gcra.test.ts'] }],
  'merge by key': [{ file: 'src/upstream/batch.ts', tests: ['test/upstream/layers/batch'] }],
  'token checks': [
    { file: 'src/identity/token.ts', tests: TOKENS },
    { file: 'src/identity/claims.ts', tests: TOKENS },
    { file: 'src/identity/api-key.ts', tests: ['test/identity/api-key.test.ts'] },
  ],
  'URL assembly': [
    { file: 'contracts/kernel/write-request.ts', tests: ['test/kernel/path-assembly.test.ts', 'test/kernel/template.test.ts'] },
    { file: 'contracts/kernel/template.ts', tests: ['test/kernel/path-assembly.test.ts', 'test/kernel/template.test.ts'] },
  ],
};
