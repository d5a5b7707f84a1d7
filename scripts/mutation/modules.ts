/** One idea whose tests have to notice when it is broken. */
export interface Module {
  readonly name: string;
  readonly files: readonly string[];
  /** The test files that speak of it; which of their tests reach a mutant is found out by running them once. */
  readonly tests: readonly string[];
}

/** Where a mistake would hand one caller's data to another, call the wrong address, or let in what is to stay out. */
export const modules: readonly Module[] = [
  {
    name: 'cache key',
    files: ['src/upstream/key.ts'],
    tests: ['test/cache/key.test.ts', 'test/upstream/key.test.ts', 'test/upstream/layers/coalesce-identity.test.ts'],
  },
  {
    name: 'storability',
    files: ['src/cache/terms.ts', 'src/cache/directives.ts', 'src/cache/vary.ts'],
    tests: ['terms', 'vary', 'standing'].map((name) => `test/cache/${name}.test.ts`),
  },
  {
    name: 'breaker',
    files: ['src/upstream/breaker.ts', 'src/upstream/window.ts'],
    tests: ['test/upstream/layers/breaker.test.ts', 'test/upstream/layers/breaker-model.test.ts'],
  },
  { name: 'limiter', files: ['src/limits/gcra.ts'], tests: ['test/limits/gcra.test.ts'] },
  {
    name: 'merge by key',
    files: ['src/upstream/batch.ts'],
    tests: ['batch', 'batch-match', 'batch-terms'].map((name) => `test/upstream/layers/${name}.test.ts`),
  },
  {
    name: 'token checks',
    files: ['src/identity/token.ts', 'src/identity/claims.ts', 'src/identity/api-key.ts'],
    tests: ['api-key', 'authenticate', 'mint', 'token-attacks', 'token-bounds', 'verified'].map((name) => `test/identity/${name}.test.ts`),
  },
  {
    name: 'URL assembly',
    files: ['contracts/kernel/template.ts', 'contracts/kernel/write-request.ts'],
    tests: ['path-assembly', 'template', 'wire'].map((name) => `test/kernel/${name}.test.ts`),
  },
];
