/** What every answer of the public port says to a browser: these bytes are of the type that is named, whatever they look like. */
export const SECURITY: readonly (readonly [name: string, value: string])[] = [['x-content-type-options', 'nosniff']];
