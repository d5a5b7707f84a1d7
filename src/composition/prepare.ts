import type { AnyOperation, AnyPart, Checked, DependsOn } from '#contracts/kernel/index.js';
import { checker } from '#contracts/kernel/index.js';
import type { Endpoint } from '../upstream/endpoint.js';
import type { Composition } from './composition.js';
import { Given } from './given.js';
import { type OutputCheck, outputCheck } from './output.js';

/** A composition with everything that does not depend on the request worked out. */
export interface Prepared {
  readonly composition: Composition;
  /** What its `compose` is given. */
  readonly given: typeof Given;
  readonly parts: readonly PreparedPart[];
  /** How much of who asks its answers depend on at the most. */
  readonly dependsOn: DependsOn;
  readonly checkOutput: OutputCheck;
}

/** A part that a composition uses. */
export interface PreparedPart {
  readonly name: string;
  readonly part: AnyPart;
  readonly endpoint: Endpoint;
  readonly checkInput: InputCheck;
}

/** Checks the input of a call by the operation's own schema: an id that came from another product may be none. */
type InputCheck = (input: unknown) => Checked<Readonly<Record<string, unknown>>>;

/**
 * Prepares a composition for the endpoints of this gateway.
 * @throws TypeError where it uses an operation that the gateway does not know.
 */
export function prepare(
  composition: Composition,
  endpoints: ReadonlyMap<AnyOperation, Endpoint>,
  checkOf: (endpoint: Endpoint) => InputCheck,
): Prepared {
  const parts = Object.entries(composition.uses).map(([name, part]) => {
    const endpoint = endpoints.get(part.operation);
    if (!endpoint)
      throw new TypeError(
        `${composition.route.line}: part "${name}" uses ${part.operation.product} v${part.operation.version} ${part.operation.name}, which is not among the gateway's contracts`,
      );
    return { name, part, endpoint, checkInput: checkOf(endpoint) };
  });
  const dependsOn = strictest(parts.map(({ part }) => part.operation.dependsOn));
  return {
    composition,
    given: Given.with(parts.map(({ name }) => name)),
    parts,
    dependsOn,
    checkOutput: outputCheck(
      composition.route,
      parts.map(({ part }) => part),
    ),
  };
}

const strictest = (all: readonly DependsOn[]): DependsOn =>
  (['user', 'consumer'] as const).find((dependsOn) => all.includes(dependsOn)) ?? 'public';

/** The checks of inputs by each operation's schema, compiled once per operation. */
export function inputChecks(): (endpoint: Endpoint) => InputCheck {
  const checks = new Map<Endpoint, InputCheck>();
  return (endpoint) => {
    let check = checks.get(endpoint);
    if (!check) checks.set(endpoint, (check = checker(endpoint.operation.input)));
    return check;
  };
}
