import { z } from 'zod';
import { consumer, operation, optional, product, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type FakeProduct, fakeProduct } from '../fake-product.js';
import { type Got, type TestGateway, type Wanted, testGateway } from '../gateway.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { FakeIssuer, settled } from '../identity/issuing.js';

/** What everybody may know, what depends on who calls, and what is a user's own. */
const records = product('records', 1, {
  getHours: operation({ get: '/hours', input: z.object({}), output: z.object({ open: z.string() }), dependsOn: 'public' }),
  getTariff: operation({ get: '/tariff', input: z.object({}), output: z.object({ tariff: z.string() }), dependsOn: 'consumer' }),
  getRecord: operation({ get: '/record', input: z.object({}), output: z.object({ note: z.string() }) }),
  addNote: operation({ post: '/notes', input: z.object({ text: z.string() }), output: z.object({ id: z.string() }), status: 201 }),
});
const lab = product('lab', 1, {
  getResult: operation({ get: '/result', input: z.object({}), output: z.object({ value: z.string() }) }),
});

/** What the patient sees: composed of two products. */
const chart = composition(
  route('GET /v1/chart', {
    input: z.object({}),
    output: z.object({ note: z.string(), value: z.string().nullable() }),
    parts: { record: 'required', result: 'optional' },
  }),
  {
    uses: { record: records.getRecord.reads({ note: true }), result: optional(lab.getResult.reads({ value: true })) },
    async compose({ record, result, gather }) {
      const found = await gather({ record: record({}), result: result({}) });
      return { note: found.record.note, value: found.result?.value ?? null };
    },
  },
);

/** Who calls: a frontend, the lab itself, and somebody who may do nothing. */
const consumers = ['portal', 'lab', 'billing'].map((name) => consumer(name, {}));

/** Who may call what. */
const ACCESS = `consumers: { portal: { scopes: [records] }, lab: {}, billing: {} }
routes: { GET /v1/chart: { access: { consumers: [portal], scopes: [records] } } }
`;

/** A clinic behind a gateway: two products, an issuer of its users, keys for its consumers. */
export interface Clinic extends AsyncDisposable {
  readonly records: FakeProduct;
  readonly lab: FakeProduct;
  readonly issuer: FakeIssuer;
  readonly gateway: TestGateway;
  readonly clock: HandClock;
  /** Asks as a consumer by its key, or nobody, and as a user by a token of the issuer, or nobody. */
  ask(path: string, who?: { readonly consumer?: string; readonly token?: string }, init?: RequestInit): Promise<Got>;
  /** A token of a user, for the portal where nothing else is said. */
  token(user: string, more?: Readonly<Record<string, unknown>>): string;
}

/** Opens the clinic. */
export async function openClinic(wanted: Partial<Wanted> = {}): Promise<Clinic> {
  const fakes = { records: await fakeProduct(records), lab: await fakeProduct(lab) };
  const clock = handClock();
  const issuer = new FakeIssuer(clock, undefined, { names: 'users' });
  await settled();
  const gateway = await testGateway({
    products: [fakes.records, fakes.lab],
    policies: {
      records: `identity: minted\n    access: { consumers: [portal, lab], user: optional }\n    operations: { getHours: { access: { consumers: [anonymous] } } }`,
      lab: `identity: minted\n    access: { consumers: [portal], scopes: [records] }`,
    },
    compositions: [chart],
    consumers,
    issuers: [issuer.issuer],
    yaml: ACCESS,
    clock,
    ...wanted,
  });
  return {
    ...fakes,
    issuer,
    gateway,
    clock,
    ask(path, { consumer: name, token } = {}, init = {}) {
      const headers = new Headers(init.headers);
      if (name !== undefined) headers.set('x-api-key', gateway.keyOf(name));
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      return gateway.get(path, { ...init, headers });
    },
    token: (user, more = {}) => issuer.token({ sub: user, client_id: 'portal', scope: 'records', ...more }),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      issuer[Symbol.dispose]();
      for (const fake of Object.values(fakes)) await fake[Symbol.asyncDispose]();
    },
  };
}
