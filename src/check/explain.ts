import { type AnyOperation, didYouMean, nameOf } from '#contracts/kernel/index.js';
import { pathOf } from '../policy/address.js';
import { type KnobName, knobsOf } from '../policy/knob.js';
import { longestWaitsMs, worstCaseMs } from '../policy/resolve.js';
import type { OperationPolicy } from '../policy/snapshot.js';
import { valueAt } from '../policy/values.js';
import { type RouteReport, operationsByPart } from './assess.js';
import type { Sound } from './boot-checks.js';
import { columns } from './columns.js';
import type { Rehearsal } from './rehearse.js';

/** What can be explained: routes by their lines, products and operations by their paths. */
function explainable({ compositions, resolved }: Sound): readonly string[] {
  const paths = resolved.contracts.operations.flatMap(({ product, name }) => [
    `products.${product}`,
    `products.${product}.operations.${name}`,
  ]);
  return [...compositions.map(({ route }) => route.line), ...new Set(paths)];
}

/** What to say to somebody who asks for something else. */
export const unexplained = (asked: string, sound: Sound): string =>
  `--explain: expected a route, a product or an operation, got "${asked}"${didYouMean(asked, explainable(sound))}`;

/** Every knob of a route and of all that it calls, with where its value is from, and how its worst cases come about. */
export function explainRoute({ line, policy, many }: RouteReport, sound: Sound): readonly string[] {
  const composition = sound.compositions.find(({ route }) => route.line === line);
  const parts = composition ? operationsByPart(composition, sound.resolved.contracts.operations) : [];
  const uses = Map.groupBy(parts, ({ operation }) => operation);
  return [
    line,
    ...knobLines(knobsOf('route'), ['routes', line], sound),
    ...[...Map.groupBy(uses.keys(), ({ product }) => product)].flatMap(([product, used]) => [
      '',
      `products.${product}`,
      ...knobLines(SHARED, ['products', product], sound),
      ...used.flatMap((operation) => {
        const names = (uses.get(operation) ?? []).map(({ name, need }) => `${name} (${need})`);
        return operationLines(operation, sound, `: ${names.join(', ')}`, `, of ${policy.deadlineMs} ms`);
      }),
    ]),
    '',
    ...rehearsed(many),
  ];
}

/** Every knob of a product and of its operations, or of one of them; undefined where there is no such thing. */
export function explainProduct(asked: string, sound: Sound): readonly string[] | undefined {
  const found = sound.resolved.contracts.operations.filter(({ product, name }) => {
    const place = `products.${product}`;
    return asked === place || asked === `${place}.operations.${name}`;
  });
  const [first] = found;
  if (!first) return undefined;
  const knobs = asked === `products.${first.product}` ? knobsOf('product') : SHARED;
  return [
    `products.${first.product}`,
    ...knobLines(knobs, ['products', first.product], sound),
    ...found.flatMap((operation) => operationLines(operation, sound)),
  ];
}

/** The knobs that a product has and its operations have not. */
const SHARED = knobsOf('product').filter((knob) => !knobsOf('operation').includes(knob));

/** An operation's own knobs and its worst case. */
function operationLines(operation: AnyOperation, sound: Sound, parts = '', of = ''): readonly string[] {
  const { resolved, snapshot } = sound;
  return [
    '',
    `${nameOf(operation)}${parts}`,
    ...knobLines(knobsOf('operation'), ['products', operation.product, 'operations', operation.name], sound),
    `  ${worstCase(snapshot.operation(resolved.contracts.operations.indexOf(operation)), operation)}${of}`,
  ];
}

const knobLines = (knobs: readonly KnobName[], place: readonly string[], sound: Sound): readonly string[] =>
  columns(
    knobs.map((knob) => row(knob, place, sound)),
    '  ',
  );

/** A knob, its value, and where that stands. */
function row(knob: KnobName, place: readonly string[], { resolved: { addresses, git, loaded } }: Sound): readonly string[] {
  const address = addresses.get(pathOf(place, knob));
  if (!address) throw new RangeError(`no address ${pathOf(place, knob)}`);
  const { written, origin, inherited } = valueAt(address, { git, overrides: new Map() });
  const at = inherited === undefined ? address : addresses.get(inherited);
  return [knob, String(written), origin, origin === 'default' || !at ? '' : loaded.place(at.keys)];
}

/** `worst case: 3 attempts × (800 ms + 100 ms for a place) + 50 ms + 100 ms between them = 2850 ms`. */
function worstCase(policy: OperationPolicy, { repeatable }: AnyOperation): string {
  const waits = longestWaitsMs(policy, repeatable);
  const attempts = waits.length === 0 ? '1 attempt' : `${waits.length + 1} attempts`;
  const between = waits.length === 0 ? '' : ` + ${waits.map((ms) => `${ms} ms`).join(' + ')} between them`;
  return `worst case: ${attempts} × (${policy.deadlineMs} ms + ${policy.product.bulkhead.waitMs} ms for a place)${between} = ${worstCaseMs(policy, repeatable)} ms`;
}

/** What a rehearsal called, in its order; equal calls of one moment are one line. */
function rehearsed({ calls, ms }: Rehearsal): readonly string[] {
  const moments = Map.groupBy(calls, ({ operation, keys, at }) => JSON.stringify([at, nameOf(operation), keys]));
  const rows = [...moments.values()].flatMap((equal) => {
    const [first] = equal;
    if (!first) return [];
    const many = equal.length === 1 ? '' : `${equal.length} times`;
    return [[`at ${first.at} ms`, nameOf(first.operation), first.keys === undefined ? many : `for ${first.keys} ${many}`]];
  });
  return ['rehearsed, not proven', ...columns([...rows, [`at ${ms} ms`, 'the answer', '']], '  ')];
}
