// Imported for its effect, before anything of contracts/: finds the TypeScript sources where an import names what the
// build makes of them. Node strips the types by itself, so a scaffold runs on a clone that was never built.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const ofSource = specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true;
    return next(ofSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
