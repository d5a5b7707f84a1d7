import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import { consumer, operation, product, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type FakeProduct, fakeProduct } from '../fake-product.js';
import { type Got, type TestGateway, testGateway } from '../gateway.js';
import { drained } from '../upstream/layers/calls.js';
import { Holding, callerOf } from './holding.js';

/** An echo: for which request the product was asked, what for, which of its calls it was, and whether it said that this is for one alone. */
const Echo = z.object({ to: z.string(), about: z.string(), call: z.int(), alone: z.boolean() });
type Echo = z.output<typeof Echo>;

const id = z.string();
/** A post office: one operation for each whose an answer may be. */
const post = product('post', 1, {
  getNotice: operation({
    get: '/notices/{id}',
    headers: { language: 'accept-language' },
    input: z.object({ id, language: z.string().optional() }),
    output: Echo,
    dependsOn: 'public',
    tags: ({ id }) => [`notice:${id}`],
  }),
  getTariff: operation({ get: '/tariffs/{id}', input: z.object({ id }), output: Echo, dependsOn: 'consumer' }),
  getLetter: operation({ get: '/letters/{id}', input: z.object({ id }), output: Echo }),
  putNotice: operation({ put: '/notices/{id}', input: z.object({ id }), output: Echo, tags: ({ id }) => [`notice:${id}`] }),
});

const counter = composition(
  route('GET /v1/counters/{id}', {
    headers: { language: 'accept-language' },
    input: z.object({ id, language: z.string().optional() }),
    output: z.object({ notice: Echo, tariff: Echo, letter: Echo }),
    parts: { notice: 'required', tariff: 'required', letter: 'required' },
  }),
  {
    uses: {
      notice: post.getNotice.reads({ to: true, about: true, call: true, alone: true }),
      tariff: post.getTariff.reads({ to: true, about: true, call: true, alone: true }),
      letter: post.getLetter.reads({ to: true, about: true, call: true, alone: true }),
    },
    compose: ({ input, notice, tariff, letter, gather }) =>
      gather({ notice: notice(input), tariff: tariff({ id: input.id }), letter: letter({ id: input.id }) }),
  },
);

/** A route on which everything is everybody's: its answers are kept as they are. */
const board = composition(
  route('GET /v1/boards/{id}', {
    headers: { language: 'accept-language' },
    input: z.object({ id, language: z.string().optional() }),
    output: Echo,
    parts: { notice: 'required' },
  }),
  {
    uses: { notice: post.getNotice.reads({ to: true, about: true, call: true, alone: true }) },
    compose: async ({ input, notice }) => await notice(input),
  },
);

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  { 'cache-control': 'max-age=2' },
  { 'cache-control': 'private' },
  { 'cache-control': 'no-store' },
  { 'set-cookie': 'a=b' },
];
const isAlone = (said: Readonly<Record<string, string>>): boolean =>
  'set-cookie' in said || ['private', 'no-store'].includes(said['cache-control'] ?? '');

/** What a caller says of itself: none of it is proved, so it makes nobody the same as another one. */
const CALLERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'x-interline-consumer': 'kiosk' },
  { 'x-interline-consumer': 'nobody', cookie: 'session=1' },
  { authorization: 'Bearer ada', 'x-user-id': 'ada', 'x-interline-consumer': 'kiosk' },
];
const LANGUAGES = ['*', 'de', 'en'];
const ROUTES: readonly ((id: string) => string)[] = [
  (id) => `/v1/counters/${id}`,
  (id) => `/v1/boards/${id}`,
  (id) => `/products/post/v1/notices/${id}`,
  (id) => `/products/post/v1/tariffs/${id}`,
  (id) => `/products/post/v1/letters/${id}`,
];

const spans = fc.record({
  'cache.fresh': fc.constantFrom('off', '1s', '5s'),
  'cache.stale': fc.constantFrom('off', '2s'),
  'cache.staleIfError': fc.constantFrom('off', '10s'),
});
const wholeSpans = fc.record({ 'cache.fresh': fc.constantFrom('off', '3s'), 'cache.stale': fc.constantFrom('off', '2s') });
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      route: fc.nat(ROUTES.length - 1),
      id: fc.constantFrom('n-1', 'n-2'),
      caller: fc.nat(CALLERS.length - 1),
      language: fc.nat(LANGUAGES.length - 1),
      many: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), nth: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 499, 2000, 6000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('purge' as const),
      label: fc.constantFrom('product:post', 'tag:notice:n-1', 'route:GET /v1/counters/{id}'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('write' as const), id: fc.constantFrom('n-1', 'n-2') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const), spans, wholeSpans }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('say' as const), headers: fc.nat(HEADERS.length - 1) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One request, and what is right to tell it. */
interface Asked {
  readonly to: string;
  readonly about: string;
  readonly answer: Promise<Got | undefined>;
  readonly leave: AbortController;
  /** Calls that the product had had when what this asks for was last purged: what they brought is not for this one. */
  readonly after: number;
}

/** A gateway over a post office that holds, answers and says what the steps want. */
class Run {
  readonly asked: Asked[] = [];
  readonly #holdings: readonly Holding[];
  #says = HEADERS[0] ?? {};
  #purged = { 'n-1': 0, 'n-2': 0 };

  constructor(
    readonly office: FakeProduct,
    readonly gateway: TestGateway,
  ) {
    this.#holdings = ['getNotice', 'getTariff', 'getLetter'].map(
      (name) =>
        new Holding(office, name, (request) => {
          const headers = this.#says;
          const call = office.calls.findIndex(({ headers }) => headers === request.headers);
          const about = aboutOf(String(request.url).slice('/v1'.length), request.headers['accept-language']);
          return { body: { to: callerOf(request), about, call, alone: isAlone(headers) }, headers };
        }),
    );
    for (const holding of this.#holdings) holding.opens();
  }

  async take(step: Step): Promise<void> {
    const { gateway } = this;
    if (step.do === 'ask') for (let i = 0; i < step.many; i++) this.#ask(step);
    else if (step.do === 'hold') for (const holding of this.#holdings) holding.closes();
    else if (step.do === 'answer') await this.answersAll();
    else if (step.do === 'leave') this.asked[step.nth]?.leave.abort();
    else if (step.do === 'wait') gateway.clock.advance(step.ms);
    else if (step.do === 'say') this.#says = HEADERS[step.headers] ?? {};
    else if (step.do === 'purge') {
      await gateway.running.gateway.state.caches.purge([step.label]);
      if (step.label !== 'route:GET /v1/counters/{id}') this.#purge(step.label === 'product:post' ? ['n-1', 'n-2'] : ['n-1']);
    } else if (step.do === 'write') {
      await gateway.get(`/products/post/v1/notices/${step.id}`, { method: 'PUT' });
      this.#purge(
        [step.id],
        this.office.calls.findLastIndex(({ operation }) => operation === 'putNotice'),
      );
    } else {
      const changes = Object.fromEntries([
        ...Object.entries(step.spans).map(([knob, span]) => [`products.post.${knob}`, span]),
        ...Object.entries(step.wholeSpans).map(([knob, span]) => [`routes.GET /v1/boards/{id}.${knob}`, span]),
      ]);
      await gateway.running.gateway.policy.change({ changes, who: 'ada', reason: 'a test', expiresMs: undefined }, undefined);
    }
  }

  /** The product answers; all who are left hear of it. */
  async answersAll(): Promise<void> {
    for (const holding of this.#holdings) holding.opens();
    await Promise.all(this.asked.map(({ answer }) => answer));
  }

  #ask({ route, id, caller, language }: Extract<Step, { do: 'ask' }>): void {
    const to = `asker-${this.asked.length}`;
    const leave = new AbortController();
    const spoken = LANGUAGES[language] ?? '*';
    const headers = { ...CALLERS[caller], 'x-request-id': to, 'accept-language': spoken };
    const path = ROUTES[route]?.(id) ?? '/';
    const answer = this.gateway.get(path, { headers, signal: leave.signal }).catch(() => undefined);
    this.asked.push({ to, about: aboutOf(`/notices/${id}`, spoken), answer, leave, after: this.#purged[id === 'n-1' ? 'n-1' : 'n-2'] });
  }

  #purge(ids: readonly ('n-1' | 'n-2')[], calls = this.office.calls.length): void {
    for (const id of ids) this.#purged[id] = calls;
  }
}

const aboutOf = (path: string, language: string | undefined): string => `${path} in ${language}`;

const Counter = z.object({ notice: Echo, tariff: Echo, letter: Echo });
const Answer = z.union([z.object({ data: z.union([Counter, Echo]) }), Echo.transform((said) => ({ said }))]);

/** The echoes of an answer: three or one of a composed route, one of a product's own. */
function echoesOf({ body }: Got): readonly Echo[] {
  return Object.values(Answer.parse(body)).flatMap((said) => ('to' in said ? [said] : Object.values(said)));
}

it('nobody is given what is another one`s or what was purged, whoever asks for what, leaves, purges, writes and turns', async () => {
  let [own, shared] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
      await using office = await fakeProduct(post);
      await using gateway = await testGateway({
        products: [office],
        compositions: [counter, board],
        consumers: [consumer('kiosk', { notice: post.getNotice.reads({ to: true }) })],
        policies: { post: 'cache: { fresh: 5s, stale: 2s, staleIfError: 10s }' },
        yaml: "routes: { 'GET /v1/boards/{id}': { cache: { fresh: 3s, stale: 2s } } }",
      });
      const run = new Run(office, gateway);
      for (const step of steps) {
        await run.take(step);
        for (let turn = 0; turn < 3; turn++) await drained(); // sockets are read, some of them
      }
      await run.answersAll();
      const wrong: unknown[] = [];
      for (const { to, about, answer, after } of run.asked) {
        const got = await answer;
        if (got?.status !== 200) continue;
        for (const echo of echoesOf(got)) {
          const isPublic = echo.about.startsWith('/notices/');
          if (isPublic && (echo.about !== about || echo.call < after)) wrong.push([to, about, after, echo]);
          if ((!isPublic || echo.alone) && echo.to !== to) wrong.push([to, echo]);
          if (echo.to === to) own++;
          else shared++;
        }
      }
      expect(wrong).toEqual([]);
      expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    }),
    { numRuns: 60 },
  );
  // Both were to be seen: answers of one's own, and what is everybody's.
  expect(Math.min(own, shared)).toBeGreaterThan(50);
}, 120_000);
