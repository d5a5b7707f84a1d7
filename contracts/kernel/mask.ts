/** Values that JSON can carry and that have nothing inside. */
type Leaf = string | number | boolean | null | undefined;

/** The keys a mask may name: a record's keys are all named at once, by `'*'`. */
type Keys<T> = T extends unknown ? (string extends keyof T ? '*' : keyof T & string) : never;
type At<T, K> = T extends unknown
  ? string extends keyof T
    ? K extends '*'
      ? T[keyof T]
      : never
    : K extends keyof T
      ? T[K]
      : never
  : never;
type Inner<T> = Exclude<NonNullable<T>, Leaf | readonly unknown[]>;

/**
 * Which fields of a `T` are read: `true` for the whole, an object for some, `'*'` for every key of a record.
 * A list is looked through. Walked only where the mask goes, so recursive types are fine.
 */
export type Mask<T> = [unknown] extends [T]
  ? true
  : [NonNullable<T>] extends [Leaf]
    ? true
    : NonNullable<T> extends readonly (infer E)[]
      ? Mask<E>
      : true | { readonly [K in Keys<Inner<T>>]?: Mask<At<Inner<T>, K>> };

/** Refuses, at every depth, a key of `M` that the full mask `S` does not have. */
export type Known<M, S> = M extends true
  ? true
  : {
      readonly [K in keyof M]: K extends keyof Exclude<S, true> ? Known<M[K], NonNullable<Exclude<S, true>[K]>> : never;
    };

/** The keys that tell the arms of a union apart: in each arm, of literal values, no value in two arms. */
type Discriminator<T> = keyof T extends infer K
  ? K extends keyof T
    ? [T[K]] extends [Tag]
      ? Ambiguous<T, T, K> extends false
        ? K
        : never
      : never
    : never
  : never;
type Tag = string | number | boolean;
type Ambiguous<Arm, All, K> = Arm extends unknown
  ? boolean extends At<Arm, K>
    ? true
    : {} extends Record<`${At<Arm, K> & Tag}`, 1> // any string, any number: no literal
      ? true
      : [All] extends [Arm] // one arm only: not a union
        ? true
        : [Extract<At<Exclude<All, Arm>, K>, At<Arm, K>>] extends [never]
          ? false
          : true
  : never;

/** A `T` with nothing but the fields that the mask `M` names, deeply read-only. A union keeps its discriminator. */
export type Picked<T, M> = M extends true ? Frozen<T> : PickedArm<T, M, Discriminator<Inner<T>>>;
type PickedArm<T, M, D> = T extends Leaf
  ? T
  : T extends readonly (infer E)[]
    ? readonly Picked<E, M>[]
    : string extends keyof T
      ? { readonly [K in keyof T]: M extends { readonly '*': infer N } ? Picked<T[K], N> : never }
      : {
          readonly [K in keyof T as K extends keyof M | D ? K : never]: K extends keyof M ? Picked<T[K], M[K]> : Frozen<T[K]>;
        };

/** A `T`, deeply read-only: what comes from a product may be shared by everyone who reads it. */
export type Frozen<T> = T extends Leaf ? T : { readonly [K in keyof T]: Frozen<T[K]> };

/** A mask whose type is no longer known: `true`, or fields with masks of their own. */
export type AnyMask = true | { readonly [field: string]: AnyMask };

/** The fields of a mask as dotted paths, sorted: `['delivery.city', 'lines.price', 'stock.*.left']`; `['.']` is the whole. */
export function paths(mask: AnyMask): readonly string[] {
  const found: string[] = [];
  const walk = (at: AnyMask, prefix: string): void => {
    if (at === true) found.push(prefix === '' ? '.' : prefix);
    else for (const key of Object.keys(at)) walk(at[key] ?? true, prefix === '' ? key : `${prefix}.${key}`);
  };
  walk(mask, '');
  return found.sort();
}
