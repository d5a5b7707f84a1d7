import { median } from '../figures.ts';
import { configuration, startGateway } from '../gateway.ts';
import { INSPECTED, heapOf } from '../heap.ts';
import { Asker, after } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const ADDRESSES = 1_000_000;
const CALLERS = 24;
const OTHERS = 200;
/** Memory is full after so many addresses: it then has to stay what it is. How often it is looked at. */
const [WARM_UP, LOOKS] = [60_000, 40];

/** A million addresses are asked for once each, and each answer may be kept for an hour. */
export const memory: Scenario = { rows: 'F21', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  const text = configuration(products.url, { defaults: { route: { deadline: '2s' } }, products: { babonbo: { cache: { fresh: '10h' } } } });
  await using gateway = await startGateway(text, {}, [INSPECTED]);
  using heap = await heapOf(gateway);
  await using clients = new Asker(gateway.url, CALLERS);
  const others = Array.from({ length: OTHERS }, (_, i) => ({ path: `/products/babonbo/v1/listings/l-${10_000 + i}` }));
  const primed = await clients.atOnce(others);
  report.exactly('F21', 'answers other than 200 while the other product is asked', primed.failed, 0);

  const over = after(longestMs);
  const began = performance.now();
  const looks: { readonly at: number; readonly lazyMiB: number; readonly miB: number }[] = [];
  const done = { asked: 0, failed: 0, unlike: 0 };
  while (done.asked < ADDRESSES && !over()) {
    const [until, pause] = [done.asked + ADDRESSES / LOOKS, after(longestMs / LOOKS)];
    const tally = await clients.keepAsking(
      CALLERS,
      () => done.asked >= until || pause(),
      () => ({ path: `/products/monolith/public/${done.asked++}` }),
      ({ question, body }) => {
        if (!body.includes(`"${question.path.slice('/products/monolith'.length)}"`)) done.unlike++;
      },
    );
    done.failed += tally.failed;
    // V8 takes what it may have before it collects: what is in use shows only after that.
    const lazyMiB = gateway.residentMiB();
    await heap.usedMiB();
    looks.push({ at: done.asked, lazyMiB, miB: gateway.residentMiB() });
  }
  const later = looks.filter(({ at }) => at >= WARM_UP).map(({ miB }) => miB);
  const middle = median(later);
  report.note(`${done.asked} addresses, ${(done.asked / ((performance.now() - began) / 1000)).toFixed(0)} a second`);
  report.note(
    `resident once garbage is collected: ${looks.map(({ miB }) => miB.toFixed(0)).join(' ')} MiB; before that up to ${Math.max(...looks.map(({ lazyMiB }) => lazyMiB)).toFixed(0)}`,
  );
  report.exactly('F21', 'answers other than 200, or about something else', done.failed + done.unlike, 0);
  if (later.length < 3) report.note('too few addresses to say that memory stays what it is');
  else {
    report.atMost(
      'F21',
      `resident after ${WARM_UP} addresses: the most, as a multiple of the median (${middle.toFixed(0)} MiB)`,
      Math.max(...later) / middle,
      1.1,
    );
    report.atLeast('F21', `resident after ${WARM_UP} addresses: the least, as a multiple of the median`, Math.min(...later) / middle, 0.9);
  }
  const before = (await products.counts('babonbo')).calls;
  await clients.atOnce(others);
  report.exactly(
    'F21',
    `calls to the other product for its ${OTHERS} answers that were kept`,
    (await products.counts('babonbo')).calls - before,
    0,
  );
}
