import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AnyOperation, type Wire, writer } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { register, sources } from '../../src/registry/registry.js';
import { Connection, type RawAnswer, request } from '../edge/connection.js';
import { naughty } from '../edge/naughty.js';
import { bytes, escaped, payloads, raw } from '../edge/traversal.js';
import type { FakeProduct } from '../fake-product.js';
import { type TestGateway, testGateway } from '../gateway.js';
import { handClock } from '../hand-clock.js';
import { FakeIssuer, settled } from '../identity/issuing.js';
import { echoProduct } from './echo-product.js';

// Generated from the contracts: a field that is added is tested by itself.
const registry = register(await sources());

/** What every hostile text holds, so that it is known again wherever it comes out. */
const MARK = 'pass-me-back';
const hostile: readonly string[] = [
  ...payloads.filter((_, i) => i % Math.ceil(payloads.length / 100) === 0),
  ...naughty.map((text) => text + MARK),
];
/** Stands where a hostile text will stand; needs no escape in an address, in JSON or in a header. */
const HERE = 'put-it-here';

/** A field of a route or an operation, and a request with any text there. */
interface Field {
  readonly name: string;
  with(text: string, who: readonly string[]): string;
}

/** Copies of a value, each with another of its leaves replaced. */
function* replaced(value: unknown, at = ''): Generator<readonly [at: string, copy: unknown]> {
  if (typeof value !== 'object' || value === null) yield [at, HERE];
  else
    for (const [name, member] of Object.entries(value))
      for (const [deeper, copy] of replaced(member, at === '' ? name : `${at}.${name}`)) {
        const whole: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
        Reflect.set(whole as object, name, copy);
        yield [deeper, whole];
      }
}

function* fieldsOf(name: string, wire: Wire, input: unknown, prefix: string): Generator<Field> {
  for (const [at, copy] of replaced(input)) {
    const outgoing = writer(wire)(copy as Readonly<Record<string, unknown>>);
    if ('message' in outgoing) throw new TypeError(`${name}: ${outgoing.message}`);
    const { body, headers } = outgoing;
    const path = prefix + outgoing.path;
    const type = body === undefined ? [] : ['content-type: application/json'];
    const lines = [...Object.entries(headers).map(([header, value]) => `${header}: ${value}`), ...type];
    const make = (how: string, inPath: (text: string) => string): Field => ({
      name: `${name}: ${at}${how}`,
      with: (text, who) =>
        request(
          `${wire.method.toUpperCase()} ${path.replace(HERE, () => inPath(text))}`,
          [...who, ...lines.map((line) => line.replace(HERE, () => bytes(printable(text))))],
          body && bytes(body.replace(`"${HERE}"`, () => JSON.stringify(text))),
        ),
    });
    yield make('', escaped);
    if (path.split('?')[0]?.includes(HERE)) yield make(', as it stands', raw);
  }
}

/** What a header can carry: a line break there would end it, which is the caller's own request to make. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, (char) => encodeURIComponent(char));

const fields: readonly Field[] = [
  ...registry.compositions.flatMap(({ route }) => [...fieldsOf(route.line, route.wire, sample(route.input), '')]),
  ...registry.operations.flatMap(({ product, version, name, wire, input }) => [
    ...fieldsOf(`${product}.v${version}.${name}`, wire, sample(input), `/products/${product}/v${version}`),
  ]),
];

/** What a call to an operation may look like: as many segments as its contract has, each as the contract says. */
function shapeOf({ version, wire }: AnyOperation): RegExp {
  const path = wire.path.replaceAll(/\{[^}]+\}/g, '[^/?#\\\\]+');
  return new RegExp(`^/v${version}${path}(\\?[^#/\\\\]*)?$`);
}

/** Products by the contracts behind a gateway, and somebody who may ask for everything. */
class Everything implements AsyncDisposable {
  private constructor(
    readonly products: readonly FakeProduct[],
    readonly issuer: FakeIssuer,
    readonly gateway: TestGateway,
  ) {}

  static async open(): Promise<Everything> {
    const clock = handClock();
    const issuer = new FakeIssuer(clock, undefined, { names: 'users' });
    await settled();
    const byName = Map.groupBy(registry.operations, ({ product }) => product);
    const products = await Promise.all([...byName.values()].map((operations) => echoProduct(operations)));
    const { compositions, consumers } = registry;
    const issuers = [issuer.issuer];
    return new Everything(products, issuer, await testGateway({ products, compositions, consumers, issuers, clock }));
  }

  /** Sends each hostile text in a field, one after the other. @returns the answers */
  async answers({ with: make }: Field): Promise<readonly RawAnswer[]> {
    const key = this.gateway.keyOf(registry.consumers[0]?.name ?? '');
    const who = [`x-api-key: ${key}`, `authorization: Bearer ${this.issuer.token({ sub: 'ada' })}`];
    await using connection = new Connection(this.gateway.url);
    const answers: RawAnswer[] = [];
    connection.send(hostile.map((text) => make(text, who)).join(''));
    for (const text of hostile) {
      const answer = await connection.next();
      if (!answer) throw new Error(`no answer to ${JSON.stringify(text)}`);
      answers.push(answer);
    }
    return answers;
  }

  /** Paths of calls, since it was last looked, that are not what a contract says. */
  odd(): readonly string[] {
    const shapes = registry.operations.map(shapeOf);
    const paths = this.products.flatMap(({ calls }) => calls.splice(0).map(({ path }) => path));
    return paths.filter(
      (path) => !shapes.some((shape) => shape.test(path)) || new URL(path, 'http://product').href !== `http://product${path}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    this.issuer[Symbol.dispose]();
    for (const product of this.products) await product[Symbol.asyncDispose]();
  }
}

describe(`each of ${hostile.length} hostile texts`, () => {
  let everything: Everything;
  beforeAll(async () => {
    everything = await Everything.open();
  });
  afterAll(() => everything[Symbol.asyncDispose]());

  it.each(fields.map((field) => [field.name, field] as const))(
    'breaks nothing, leads nowhere and is not given back: %s',
    async (_, field) => {
      const answers = await everything.answers(field);
      expect(answers.map(({ status }) => status).filter((status) => status >= 500 || status === 429 || status === 401)).toEqual([]);
      // An answer may name what was asked for. A header may not, and a refusal none but a query key that is a plain name.
      const said = ({ status, headers, body }: RawAnswer): string =>
        JSON.stringify(headers) + (status < 400 ? '' : body.replaceAll(`"in":"query","path":"${MARK}"`, ''));
      const repeating = answers.filter((answer) => said(answer).includes(MARK));
      expect(repeating).toEqual([]);
      expect(everything.odd()).toEqual([]);
    },
    60_000,
  );
});
