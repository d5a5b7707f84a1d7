import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { randomFrom } from '../figures.ts';
import { type Gateway, configuration, startGateway } from '../gateway.ts';
import { type Answer, Asker, after, whenever } from '../load.ts';
import { mutate } from '../mutations.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const TEXTS = 1000;
const PER_SECOND = 100;
const RELOADS = 'interline_config_reloads_total';

/** Texts of `gateway.yaml` are dropped in under load, most of them broken. */
export const config: Scenario = { rows: 'G19, F74, Show 8', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  let text = configuration(products.url, {
    defaults: { product: { cache: { fresh: '1s' } }, route: { deadline: '2s', limit: { rate: '100000/s', burst: 1000 } } },
  });
  await using gateway = await startGateway(text);
  await using clients = new Asker(gateway.url, 20);
  let ended = false;
  let wrong = 0;
  const load = clients.atRate(
    PER_SECOND,
    () => ended,
    (n) => pathOf(n),
    (answer) => {
      if (answer.status === 200 && !isRight(answer)) wrong++;
    },
  );

  let last = text;
  const random = randomFrom(1);
  const over = after(longestMs);
  const seed = await gateway.metrics();
  let [revision, decided] = [seed.label('interline_policy_info', 'revision'), seed.sum(RELOADS)];
  const surprises: string[] = [];
  let [texts, sound] = [0, 0];
  for (; texts < TEXTS && !over(); texts++) {
    const mutation = mutate(text, last, random);
    last = mutation.text;
    await drop(gateway, mutation.text, random);
    let metrics = seed;
    const tookMs = await whenever(async () => (metrics = await gateway.metrics()).sum(RELOADS) > decided, 12_000);
    decided = metrics.sum(RELOADS);
    const now = metrics.label('interline_policy_info', 'revision');
    if (Number.isNaN(tookMs)) surprises.push(`${mutation.kind}: not noticed`);
    else if ((now !== revision) !== mutation.sound)
      surprises.push(`${mutation.kind}: the revision ${now === revision ? 'stayed' : 'changed'}`);
    revision = now;
    if (!mutation.sound) continue;
    sound++;
    text = mutation.text;
  }
  ended = true;
  const tally = await load;
  const metrics = await gateway.metrics();
  report.note(`${texts} texts, ${sound} of them sound; ${tally.asked} requests meanwhile: ${String(tally)}`);
  for (const surprise of new Set(surprises)) report.note(surprise);
  report.exactly('G19', 'texts after which the revision was not what it should be', surprises.length, 0);
  report.exactly('G19', 'sound texts that were put in force', metrics.sum(RELOADS, 'accepted'), sound);
  report.exactly('G19', 'broken texts that were rejected', metrics.sum(RELOADS, 'rejected'), texts - sound);
  report.exactly('F74', 'requests that were not answered with 200', tally.failed, 0);
  report.exactly('F74', 'answers that were about something else', wrong, 0);
}

/** Brings a text into the folder in one of the ways in which that is done. */
async function drop(gateway: Gateway, text: string, random: () => number): Promise<void> {
  const { file } = gateway;
  switch (Math.floor(random() * 4)) {
    case 0: // an editor that writes in place
      return writeFileSync(file, text);
    case 1: // a ConfigMap: a symbolic link is swapped
      writeFileSync(`${file}.data`, text);
      rmSync(`${file}.link`, { force: true });
      symlinkSync(`${file}.data`, `${file}.link`);
      return renameSync(`${file}.link`, file);
    case 2: // away for a moment
      rmSync(file);
      await wait(random() * 150);
      return writeFileSync(file, text);
    default:
      return gateway.drop(text);
  }
}

const pathOf = (n: number): { path: string } => ({
  path: n % 2 === 0 ? `/v1/trips/b-${10_000 + n}` : `/products/babonbo/v1/listings/l-${10_000 + (n % 500)}`,
});

/** Whether an answer is about what was asked. */
const isRight = ({ question, body }: Answer): boolean => body.includes(`"${question.path.split('/').at(-1)}"`);
