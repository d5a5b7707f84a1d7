import { type AnyOperation, didYouMean } from '../../contracts/kernel/index.ts';
import { sample } from '../../contracts/kernel/sample.ts';
import type { Contract } from './contracts.ts';
import { leafText } from './leaf-text.ts';
import { Refusal } from './refusal.ts';
import { type Schema, inside } from './schema.ts';

/** One part of a route to be made: which operation, and what of its answer is shown. */
export interface UsedPart {
  readonly name: string;
  readonly need: 'required' | 'optional';
  readonly contract: Contract;
  readonly operation: AnyOperation;
  /** The field that holds a list of them; undefined where the answer itself is shown. */
  readonly at: string | undefined;
  readonly isList: boolean;
  /** The fields that are shown, with the code of their schemas. */
  readonly fields: Readonly<Record<string, string>>;
  /** A value of these fields. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** How many fields of an answer are shown: enough to begin with. */
const SHOWN = 3;

const SPEC = /^(?:([a-z][A-Za-z0-9]*)=)?([a-z0-9-]+)(?:\.v(\d+))?\.([A-Za-z0-9]+)$/;

/**
 * The part that a word of the command line names: `auth.getUser`, `student=auth.getUser`, `aviation-infinity.v1.getProgress`.
 * The newest version is taken where none is named.
 * @throws Refusal where there is none, with the nearest name, or where it can't be shown by itself.
 */
export function usedPart(word: string, need: UsedPart['need'], contracts: readonly Contract[]): UsedPart {
  const [, asked, product = '', version, name = ''] = SPEC.exec(word) ?? [];
  if (name === '')
    throw new Refusal(`part "${word}": expected it like auth.getUser, student=auth.getUser or aviation-infinity.v1.getProgress`);
  const versions = contracts.filter((contract) => contract.product === product);
  const products = contracts.map((contract) => contract.product);
  if (versions.length === 0) throw new Refusal(`part "${word}": no product "${product}"${didYouMean(product, products)}`);
  const contract = version === undefined ? versions.at(-1) : versions.find((one) => one.version === Number(version));
  if (contract === undefined)
    throw new Refusal(`part "${word}": ${product} has no version ${version}, only ${versions.map((one) => one.version).join(' and ')}`);
  const { operations } = contract;
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined)
    throw new Refusal(
      `part "${word}": ${product} v${contract.version} has no operation "${name}"${didYouMean(name, Object.keys(operations))}`,
    );
  if (operation.batches !== undefined)
    throw new Refusal(
      `part "${word}": ${name} is how many ${operation.batches.one} go out at once; use ${product}.${operation.batches.one} and call it in a loop`,
    );
  return { name: asked ?? partName(operation), need, contract, operation, ...shown(word, operation) };
}

/** `getUser` is shown as `user`, `listOrders` as `orders`. */
function partName({ name }: AnyOperation): string {
  const noun = /^(?:get|list|search|find)([A-Z].*)$/.exec(name)?.[1] ?? name;
  return noun.charAt(0).toLowerCase() + noun.slice(1);
}

/** What is shown of an answer: the first plain fields of the object, or of the objects in its list. */
function shown(word: string, operation: AnyOperation): Pick<UsedPart, 'at' | 'isList' | 'fields' | 'example'> {
  const whole = inside(operation.output);
  const lists = Object.entries(whole.fields).filter(([, field]) => isListOfObjects(field));
  const plain = Object.keys(leaves(whole.fields));
  const [list] = lists;
  // A list beside no more than where its next page begins is what the answer is about.
  const at = !whole.isList && list !== undefined && lists.length === 1 && plain.length <= 1 ? list[0] : undefined;
  const from = at === undefined || list === undefined ? whole : inside(list[1]);
  const fields = Object.fromEntries(Object.entries(leaves(from.fields)).slice(0, SHOWN));
  if (Object.keys(fields).length === 0)
    throw new Refusal(`part "${word}": its answer has no plain fields to show; make the route with another part and add this one by hand`);
  const value = first(pick(sample(operation.output), at));
  const example = Object.fromEntries(Object.keys(fields).map((field) => [field, pick(value, field)]));
  return { at, isList: from.isList, fields, example };
}

function leaves(fields: Readonly<Record<string, Schema>>): Record<string, string> {
  const found = Object.entries(fields).map(([name, field]) => [name, leafText(field, 'output')] as const);
  return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

const isListOfObjects = (schema: Schema): boolean => {
  const { isList, fields } = inside(schema);
  return isList && Object.keys(fields).length > 0;
};

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

const pick = (value: unknown, field: string | undefined): unknown =>
  field === undefined || typeof value !== 'object' || value === null ? value : Reflect.get(value, field);
