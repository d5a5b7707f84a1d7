// Preloaded (`node --import`) by tests that run the gateway as a process: compiles the TypeScript sources as they are
// imported, so that what runs is what stands in src/ and not a build of some other day. Node's own type stripping
// can't: decorators and parameter properties are more than types.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const root = new URL('../../', import.meta.url);
const isSource = (url: string): boolean => url.startsWith(root.href) && url.endsWith('.ts') && !url.includes('/node_modules/');

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('#contracts/'))
      return next(new URL(`contracts/${specifier.slice('#contracts/'.length).replace(/\.js$/, '.ts')}`, root).href, context);
    if (specifier.startsWith('.') && context.parentURL !== undefined && isSource(context.parentURL))
      return next(specifier.replace(/\.js$/, '.ts'), context);
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!isSource(url)) return next(url, context);
    const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
      filename: fileURLToPath(url),
      swcrc: false,
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        keepClassNames: true,
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
