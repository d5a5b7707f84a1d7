const NEST_SUFFIX = String.raw`\.(module|controller|guard|filter)\.ts$`;

/** Folders of src, innermost first: each may import the ones before it and never one after it. */
const order = ['upstream', 'composition', 'compositions', 'edge'];
const inward = order.slice(0, -1).map((folder, at) => ({
  name: `inward-${folder}`,
  comment: `Imports go one way: contracts <- ${order.join(' <- ')}.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${order.slice(at + 1).join('|')})/` },
}));

/** Folders of src that stand on the contracts alone; the clock and the environment are free for all. */
const onContractsAlone = ['policy', 'observe'].map((folder) => ({
  name: `${folder}-on-contracts-alone`,
  comment: `src/${folder} may be imported from anywhere, so it imports nothing of src but the clock and the environment.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|examples)/', pathNot: [`^src/${folder}/`, '^src/(clock|env)\\.ts$'] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other when they run are one idea, or three. A type may name its neighbour.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that resolves to nothing escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'contracts-on-their-own',
      comment: 'Contracts are publishable: they import neither the gateway, nor the samples, nor tests.',
      severity: 'error',
      from: { path: '^contracts/' },
      to: { path: '^(src|examples|test|scripts)/' },
    },
    {
      name: 'contracts-on-zod-alone',
      comment: 'Contracts run in browsers: zod is the one package they stand on.',
      severity: 'error',
      from: { path: '^contracts/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown'], pathNot: '^node_modules/zod/' },
    },
    {
      name: 'contracts-without-node',
      comment: 'Contracts run in browsers: no built-in module of Node.',
      severity: 'error',
      from: { path: '^contracts/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-on-the-bench',
      comment: 'Nothing stands on the bench.',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    ...inward,
    ...onContractsAlone,
    {
      name: 'free-standing',
      comment: 'The clock and the environment stand beneath everything.',
      severity: 'error',
      from: { path: '^src/(clock|env)\\.ts$' },
      to: { path: '^(src|examples)/', pathNot: '^src/(clock|env)\\.ts$' },
    },
    {
      name: 'nest-as-the-shell',
      comment: 'Nest is imported by main.ts and by files with a Nest suffix; the pipeline inside is plain functions.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/main\\.ts$', NEST_SUFFIX] },
      to: { path: '^node_modules/@nestjs/' },
    },
    {
      name: 'primary-on-next-to-nothing',
      comment: 'The process that starts workers goes on whatever becomes of them: it loads nothing that answers.',
      severity: 'error',
      from: { path: '^src/workers/primary\\.ts$' },
      to: {
        path: ['^src/', '^node_modules/(@nestjs|fastify|undici)/'],
        pathNot: '^src/(workers|observe)/|^src/(clock|env)\\.ts$',
        reachable: true,
      },
    },
    {
      name: 'gateway-without-samples',
      comment: 'The gateway is deployed without the sample products, tests and scripts.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(examples|test|scripts)/' },
    },
    {
      name: 'samples-on-contracts-alone',
      comment: "A sample product is somebody else's process: it shares the contracts with the gateway and nothing more.",
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|test|scripts)/' },
    },
    {
      name: 'samples-apart',
      comment: "Nobody reads another product's database, nor its code.",
      severity: 'error',
      from: { path: '^examples/products/([^/]+)/' },
      to: { path: '^examples/products/', pathNot: '^examples/products/$1/' },
    },
    {
      name: 'production-dependencies',
      comment: 'What runs in production is installed there.',
      severity: 'error',
      from: { path: '^(src|contracts|examples)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: '^(dist|contracts/dist|scripts/.*/node_modules|bench/peers)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    webpackConfig: { fileName: '.dependency-cruiser.resolve.cjs' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
