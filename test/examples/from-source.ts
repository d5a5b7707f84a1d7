// Preloaded (`node --import`) by tests that run a product as a process: finds the TypeScript sources where an import
// names what the build makes of them. Node strips the types by itself.
import { registerHooks } from 'node:module';

const contracts = new URL('../../contracts/', import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('#contracts/'))
      return next(new URL(specifier.slice('#contracts/'.length).replace(/\.js$/, '.ts'), contracts).href, context);
    if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts')) return next(specifier.replace(/\.js$/, '.ts'), context);
    return next(specifier, context);
  },
});
