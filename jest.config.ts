import type { Config } from 'jest';

export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/test/setup.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/contracts/dist/'],
  moduleNameMapper: { '^#contracts/(.*)\\.js$': '<rootDir>/contracts/$1.ts', '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // No test waits for time to pass: this is for machines that are busy.
  testTimeout: 20_000,
  // Each test file leaves about 12 MB behind in its worker.
  maxWorkers: 2,
  workerIdleMemoryLimit: '400MB',
  reporters: ['default', '<rootDir>/scripts/tally.ts'],
} satisfies Config;
