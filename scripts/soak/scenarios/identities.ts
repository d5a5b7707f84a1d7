import { MONOLITH_NAME, described } from '../answers.ts';
import { disturb } from '../disturbances.ts';
import { startEchoProducts } from '../echo-products.ts';
import { everything, routes } from '../everything.ts';
import { randomFrom } from '../figures.ts';
import { type Gateway, configuration, startGateway } from '../gateway.ts';
import { type Answer, Asker, type Question, Tally, after, whenever } from '../load.ts';
import { NOBODY, markOf, marksIn, nameOf } from '../marks.ts';
import { projectWith } from '../project.ts';
import { hasRedis, startRedis } from '../redis-server.ts';
import type { Scenario, Terms } from '../scenario.ts';
import { type Token, Users } from '../users.ts';

const REQUESTS = 1_000_000;
const AT_ONCE = 32;
const USERS = 50;
const CONSUMERS = ['web', 'want-to-be-a-pilot', 'other-frontend'] as const;
/** One request in so many is left before its answer. */
const ABORTED = 20;
/** How much later than a token's end it has to be refused, in milliseconds. */
const GRACE_MS = 50;

/** Many users through several consumers ask two gateways that keep what they may, while everything is turned. */
export const identities: Scenario = { rows: 'G3, Show 2', run };

/** Who asks, and what with. */
interface Caller {
  readonly user: string | undefined;
  readonly token: Token | undefined;
  readonly consumer: string | undefined;
}

async function run({ report, longestMs }: Terms): Promise<void> {
  if (!hasRedis()) return report.note('not run: there is no redis-server (apt-get install redis-server)');
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomFrom(seed);
  const users = new Users(USERS);
  using project = projectWith('other-frontend');
  await using redis = await startRedis();
  await using products = await startEchoProducts(seed, users.jwks);
  const keys = new Map<string, string>();
  for (const consumer of CONSUMERS) keys.set(consumer, await project.keyFor(consumer, redis.url));
  const text = (fresh: string, stale: string): string => settings(products.url, users.issuer, fresh, stale);
  const start = (): Promise<Gateway> => startGateway(text('1s', '1s'), { REDIS_URL: redis.url }, [], project.main);
  await using one = await start();
  await using other = await start();
  await using toOne = new Asker(one.url, AT_ONCE);
  await using toOther = new Asker(other.url, AT_ONCE);
  // A new replica has no copy of the keys: where Redis is slow just then, it learns them a moment later.
  const known = await whenever(async () => (await Promise.all([one, other].map((gateway) => knows(gateway, keys)))).every(Boolean), 10_000);
  report.atMost('G3', 'until both gateways knew the keys of all consumers', known, 5000, 'ms');

  const judge = new Judge();
  const tally = new Tally();
  const over = after(longestMs);
  let asked = 0;
  const isOver = (): boolean => asked >= REQUESTS || over();
  const keepAsking = async (): Promise<void> => {
    while (!isOver()) {
      asked++;
      const { caller, question, first } = drawn(random, users, keys);
      const beganMs = Date.now();
      await (first ? toOne : toOther).ask(question, tally, (answer) => judge.sees(caller, answer, beganMs));
    }
  };
  const disturbed = { gateways: [one, other], redis, configuration: text, seenKeys: judge.keys, random: randomFrom(seed + 1) };
  const [done] = await Promise.all([disturb(disturbed, isOver), ...Array.from({ length: AT_ONCE }, keepAsking)]);

  const metrics = await Promise.all([one, other].map((gateway) => gateway.metrics()));
  const sum = (name: string, ...labels: readonly string[]): number => metrics.reduce((all, each) => all + each.sum(name, ...labels), 0);
  const calls = sum('interline_cache_answers_total');
  const fromCache = calls - sum('interline_cache_answers_total', 'state="miss"');
  const answers = tally.ms.length;
  report.note(`seed ${seed}: ${asked} requests of ${REQUESTS}, ${everything.length} things to ask for: ${String(tally)}`);
  report.note(`meanwhile: ${[...done].map(([what, times]) => `${times} × ${what}`).join(', ')}`);
  report.note(`answers that hold the mark of who asks: ${judge.own}; answers that say "hit" in Cache-Status: ${judge.hits}`);
  report.note(`tokens that were refused after their end: ${judge.ended}`);
  for (const line of judge.wrong.slice(0, 10)) report.note(line);
  report.exactly('G3', 'answers that were made for somebody else', judge.wrong.length, 0);
  report.exactly('G3', 'good tokens and keys that were refused (401)', judge.refused, 0);
  report.exactly('G3', 'tokens that were taken after their end', judge.taken, 0);
  report.exactly('G3', 'errors in the logs', one.errors().length + other.errors().length, 0);
  report.atLeast('G3', 'share of answers that were from a cache by Cache-Status', judge.hits / answers, 0.05);
  report.atLeast('G3', 'share of product calls that a cache answered', fromCache / calls, 0.05);
  report.atLeast('G3', 'share of answers that hold the mark of who asks, so that a mistake would show', judge.own / answers, 0.1);
}

/** Whether a gateway takes all these keys. */
async function knows({ url }: Gateway, keys: ReadonlyMap<string, string>): Promise<boolean> {
  for (const key of keys.values()) {
    const response = await fetch(`${url}/products/${MONOLITH_NAME}/one`, { headers: { 'x-api-key': key } });
    await response.arrayBuffer();
    if (response.status === 401) return false;
  }
  return true;
}

/** Looks through the answers. */
class Judge {
  readonly wrong: string[] = [];
  /** The latest keys that `Cache-Status` named. */
  readonly keys: string[] = [];
  own = 0;
  hits = 0;
  refused = 0;
  ended = 0;
  taken = 0;

  sees({ user, token, consumer }: Caller, { question, status, headers, body }: Answer, beganMs: number): void {
    const marks = marksIn(body);
    const own = markOf(nameOf(user, consumer));
    const mine = new Set([NOBODY, markOf(consumer), own]);
    const foreign = [...marks].filter((mark) => !mine.has(mark));
    if (foreign.length > 0) this.wrong.push(`${question.path}: ${user} through ${consumer} was given what was ${foreign.join()}`);
    if (own !== NOBODY && marks.has(own)) this.own++;
    const cacheStatus = String(headers['cache-status'] ?? '');
    if (/;\s*hit\b/.test(cacheStatus)) this.hits++;
    const key = /key="([^"]+)"/.exec(cacheStatus)?.[1];
    if (key !== undefined && this.keys.push(key) > 100) this.keys.shift();
    const hasEnded = token !== undefined && Date.now() >= token.takenUntilMs;
    if (status === 401 && !hasEnded) this.refused++;
    if (status === 401 && hasEnded) this.ended++;
    if (status !== 401 && token !== undefined && beganMs >= token.takenUntilMs + GRACE_MS) this.taken++;
  }
}

/** A request by chance: some users come more often than others, and some callers are nobody in particular. */
function drawn(
  random: () => number,
  users: Users,
  keys: ReadonlyMap<string, string>,
): { readonly caller: Caller; readonly question: Question; readonly first: boolean } {
  const user = random() < 0.85 ? users.names[Math.floor(random() ** 2 * users.names.length)] : undefined;
  const consumer = random() < 0.9 ? CONSUMERS[Math.floor(random() * CONSUMERS.length)] : undefined;
  const token = user === undefined ? undefined : users.tokenOf(user);
  const key = consumer && keys.get(consumer);
  const thing = everything[Math.floor(random() * everything.length)] ?? { path: '/' };
  const signal = Math.floor(random() * ABORTED) === 0 ? AbortSignal.timeout(Math.floor(random() * 12)) : undefined;
  const first = random() < 0.5;
  const name = nameOf(user, consumer);
  const headers = {
    ...thing.headers,
    ...(token && { authorization: `Bearer ${token.text}` }),
    ...(key !== undefined && { 'x-api-key': key }),
    ...(name !== undefined && thing.path.startsWith(`/products/${MONOLITH_NAME}/`) && { 'x-session': name }),
  };
  return { caller: { user, token, consumer }, question: { ...thing, headers, ...(signal && { signal }) }, first };
}

/** All may call all there is, as often as they like. */
function settings(productsUrl: string, issuer: string, fresh: string, stale: string): string {
  const access = { consumers: ['anonymous', ...CONSUMERS], user: 'optional' };
  const limit = { rate: '100000/s', burst: 10_000 };
  return configuration(productsUrl, {
    defaults: {
      product: { deadline: '300ms', cache: { fresh, stale, staleIfError: '2s', absent: '1s' } },
      route: { deadline: '2s', limit, cache: { fresh, stale } },
    },
    identity: { issuers: { [issuer]: { issuer, jwks: `${productsUrl}/jwks`, algorithms: ['ES256'] } } },
    consumers: Object.fromEntries(CONSUMERS.map((name) => [name, {}])),
    products: { ...Object.fromEntries(described.map((name) => [name, { access, identity: 'minted' }])), [MONOLITH_NAME]: { access } },
    routes: Object.fromEntries(routes.map(({ line }) => [line, { access }])),
  });
}
