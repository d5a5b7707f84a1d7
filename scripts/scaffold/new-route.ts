import { parseArgs } from 'node:util';
import { methods, segments, shapeOf } from '../../contracts/kernel/index.ts';
import { contracts, routes } from './contracts.ts';
import { addLine } from './controller.ts';
import { addRoute, consumersIn, mayCall } from './gateway-yaml.ts';
import { type Name, capital, nameOf, refuseTaken, singular } from './name.ts';
import { type Plan, read, refuseExisting } from './plan.ts';
import { Refusal } from './refusal.ts';
import { type RouteTerms, compositionText, routeText } from './route-text.ts';
import { exampleCall, routeTestText } from './route-test-text.ts';
import { type UsedPart, usedPart } from './used-part.ts';
import { wire } from './wiring.ts';

/** How the scaffold is called. */
export const routeUsage = `npm run new:route -- "<METHOD> /v1/<path>" [--part <part>]… [--optional <part>]… [--name <name>]
  <part>      an operation, like auth.getUser; student=auth.getUser gives the part a name of its own,
              aviation-infinity.v1.getProgress another version than the newest
  --part      has to be there for the answer
  --optional  may be missing
  --name      of its files, like student-dashboard; made of the path where it is left out`;

const CONTROLLER = 'src/edge/public.controller.ts';

/** What `compose` is given or declares besides its parts. */
const IN_COMPOSE = 'input caller signal gather fail parts';
/** What the generated files import or declare besides. */
const IN_FILES = 'composition describe expect fakeProduct gateway id it optional route testGateway z';

/**
 * Plans a composed route: its public contract, its composition, its line in the controller and a test.
 * @throws Refusal where it is there already, can't be called so, or uses what is not there.
 */
export async function planRoute(root: string, args: readonly string[]): Promise<Plan> {
  const options = {
    part: { type: 'string', multiple: true },
    optional: { type: 'string', multiple: true },
    name: { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  const [line, more] = positionals;
  if (line === undefined || more !== undefined)
    throw new Refusal(`expected one line like "GET /v1/things/{thingId}" in quotes, got ${positionals.length}`);
  const { version, path } = readLine(line);
  const name = nameOf(values.name ?? nameFrom(line), 'name');
  const known = await contracts(root);
  const parts = [
    ...(values.part ?? []).map((word) => usedPart(word, 'required', known)),
    ...(values.optional ?? []).map((word) => usedPart(word, 'optional', known)),
  ];
  refuseParts(parts);
  refuseTaken(name.camel, 'name', `${IN_FILES} ${parts.map(({ contract }) => contract.exported).join(' ')}`);
  await refuseClash(root, line, path);
  const terms: RouteTerms = { name, line, version, parts, wiring: wire(path, parts), ...errorsOf(parts) };
  const files = filesOf(version, name);
  const yaml = read(root, 'gateway.yaml');
  const consumers = consumersIn(yaml);
  refuseExisting(root, Object.values(files));
  return {
    creates: { [files.contract]: routeText(terms), [files.composition]: compositionText(terms), [files.test]: routeTestText(terms) },
    edits: {
      [CONTROLLER]: addLine(read(root, CONTROLLER), name),
      'gateway.yaml': addRoute(yaml, line, { access: { consumers } }),
    },
    next: nextSteps(terms, files, consumers),
  };
}

/** The version and the path of a line. */
function readLine(line: string): { readonly version: string; readonly path: string } {
  const [verb = '', path = '', more] = line.split(' ');
  if (more !== undefined || !methods.some((method) => method.toUpperCase() === verb))
    throw new Refusal(`route "${line}": expected a method and a path, like "GET /v1/things/{thingId}"`);
  try {
    segments(path);
  } catch (error) {
    throw new Refusal(`route "${line}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const version = /^\/(v[1-9]\d*)\/./.exec(path)?.[1];
  if (version === undefined) throw new Refusal(`route "${line}": expected the path to begin with a version, like /v1/`);
  return { version, path };
}

/** `GET /v1/students/{studentId}/dashboard` is `student-dashboard`: a word before a field is one of them. */
function nameFrom(line: string): string {
  const [verb = '', path = ''] = line.split(' ');
  const [, ...rest] = segments(path);
  const words = rest.flatMap((segment, i) => {
    const next = rest[i + 1];
    if ('field' in segment) return [];
    return [next !== undefined && 'field' in next ? singular(segment.text) : segment.text];
  });
  return [...(verb === 'GET' ? [] : [verb.toLowerCase()]), ...words].join('-');
}

function refuseParts(parts: readonly UsedPart[]): void {
  if (parts.length === 0) throw new Refusal('expected at least one --part or --optional, like --part auth.getUser');
  for (const [i, { name, operation, contract }] of parts.entries()) {
    refuseTaken(name, 'part', IN_COMPOSE);
    for (const other of parts.slice(0, i)) {
      if (other.operation === operation)
        throw new Refusal(
          `part "${name}": ${contract.product}.${operation.name} is a part already; compose may call it as often as it needs`,
        );
      if (other.name === name)
        throw new Refusal(`part "${name}": two parts have that name; say another: other=${contract.product}.${operation.name}`);
      if (other.contract !== contract && other.contract.exported === contract.exported)
        throw new Refusal(
          `part "${name}": ${other.contract.file} and ${contract.file} both export "${contract.exported}"; add one of them by hand`,
        );
    }
  }
}

async function refuseClash(root: string, line: string, path: string): Promise<void> {
  const [verb = ''] = line.split(' ');
  const clash = (await routes(root)).find(
    ({ value }) => value.wire.method.toUpperCase() === verb && shapeOf(value.wire.path) === shapeOf(path),
  );
  if (clash) throw new Refusal(`route "${line}": ${clash.file} ("${clash.value.line}") answers the same requests`);
}

/** The errors that required parts declare are the route's; two of one name and two statuses are told apart by the part. */
function errorsOf(parts: readonly UsedPart[]): Pick<RouteTerms, 'errors' | 'statuses'> {
  const statuses: Record<string, number> = {};
  const errors: Record<string, Record<string, string>> = {};
  for (const { name, need, operation } of parts) {
    if (need === 'optional') continue;
    for (const [error, status] of Object.entries(operation.errors)) {
      const own = statuses[error] === undefined || statuses[error] === status ? error : name + capital(error);
      statuses[own] = status;
      (errors[name] ??= {})[error] = own;
    }
  }
  return { statuses, errors };
}

const filesOf = (version: string, { kebab }: Name) => ({
  contract: `contracts/public/${version}/${kebab}.ts`,
  composition: `src/compositions/${kebab}.ts`,
  test: `test/compositions/${kebab}.test.ts`,
});

function nextSteps({ line, wiring }: RouteTerms, files: ReturnType<typeof filesOf>, consumers: readonly string[]): readonly string[] {
  const { method, path, body } = exampleCall(line, wiring);
  const sent = method === 'GET' ? '' : ` -X ${method}${body === undefined ? '' : ` -H 'content-type: application/json' -d '${body}'`}`;
  return [
    `Say in ${files.contract} what a caller may count on, and read it in ${files.composition}; a call that needs another part's answer is the next await.`,
    ...wiring.idle.map((field) => `Give {${field}} to a part: none takes it yet.`),
    mayCall(consumers, line),
    `npm run check:types && npm run test:only -- ${files.test} test/compositions/every-missing-part.test.ts`,
    `npm start, log in as it says, then: curl -s -H "authorization: Bearer $TOKEN"${sent} 'http://127.0.0.1:8080${path}'`,
  ];
}
