import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '../../src/clock.js';
import { type Library, openLibrary } from '../edge/library.js';
import { OpsPort } from '../ops/operator.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { times } from './holding.js';
import { Load } from './load.js';

/** The machine's clock, on which a file that stays as it is for a millisecond has settled: every file here is put in place whole. */
const quick: Clock = { ...systemClock, after: (ms, ring) => systemClock.after(ms === 50 ? 1 : ms, ring) };
/** Spans that no test reaches. */
const PATIENT = { clock: quick, deadlineMs: 20_000, routeDeadlineMs: 60_000 };

/** Texts that are no gateway.yaml of this library. */
function brokenOnes(sound: string): readonly string[] {
  const end = sound.indexOf('  people:'); // cut off before, it has no entry for a contract
  const cuts = times(40, (nth) => sound.slice(0, Math.floor((end * nth) / 40)));
  const values = ['NaN', '-1', '0', 'soon', '[]', '{}', 'null', 'true', '1e400', '"7"', '7.5', '25h', '.inf', '!!js/f x', '*a', '\u0000'];
  const wrong = ['deadline: 20000 ms', 'fanOut: 50'].flatMap((field) =>
    values.map((value) => sound.replace(field, `${field.split(':')[0]}: ${value}`)),
  );
  const others = [
    `${sound}\nprodcuts: {}\n`,
    `${sound}\nproducts: {}\n`,
    `${sound}\n\t- x\n`,
    `${sound}\nroutes: { 'GET /v1/nowhere': { fanOut: 5 } }\n`,
    '['.repeat(10_000),
    `${sound}\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n`,
    'x'.repeat(1024 ** 2),
    sound.replaceAll('http:', 'gopher:'),
  ];
  return [...cuts, ...wrong, ...others];
}

/** Waits until one more text was looked at than so many log lines tell of. @returns what came of it */
async function looked({ gateway }: Library, lines: number): Promise<'accepted' | 'rejected'> {
  for (let at = lines; ; at++) {
    await gateway.logged(at + 1);
    const msg = gateway.log[at]?.['msg'];
    if (msg === 'a new configuration is in force') return 'accepted';
    if (msg === 'the configuration was rejected, the last good one stays in force') return 'rejected';
  }
}

describe('a gateway.yaml that is changed while requests run', () => {
  it('over a hundred times, mostly broken: no request fails, and only those that are sound are in force', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'gateway.yaml');
    await using subject = await openLibrary({ ...PATIENT, file });
    const { gateway } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const sound = gateway.yaml;
    const put = (text: string): Promise<'accepted' | 'rejected'> => {
      const lines = gateway.log.length;
      writeFileSync(`${file}~`, text);
      renameSync(`${file}~`, file);
      return looked(subject, lines);
    };
    const broken = brokenOnes(sound);
    await using load = new Load(() => gateway.get('/v1/books/b-1?reader=r-1'));
    let { revision } = await ops.policy();
    const seen = new Set([revision]);
    for (const [nth, text] of broken.entries()) {
      expect([nth, await put(text)]).toEqual([nth, 'rejected']);
      expect((await ops.policy()).revision).toBe(revision);
      if (nth % 4 > 0) continue;
      expect(await put(sound.replace('fanOut: 50', `fanOut: ${100 + nth}`))).toBe('accepted');
      ({ revision } = await ops.policy());
      expect(seen.has(revision)).toBe(false);
      seen.add(revision);
    }
    expect([broken.length, seen.size]).toEqual([80, 1 + 20]);
    expect(await gateway.metric('interline_config_reloads_total', { result: 'rejected' })).toBe(80);
    expect(await gateway.metric('interline_config_reloads_total', { result: 'accepted' })).toBe(20);
    await load.answers(20);
    expect(await load.failed()).toEqual([]);
  }, 60_000);

  it('that is broken is told of in log, readiness and metrics, and stays so until it is mended; a file that is away is no news', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'gateway.yaml');
    await using subject = await openLibrary({ ...PATIENT, file });
    const { gateway } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const { revision } = await ops.policy();
    const ready = async (): Promise<unknown> => (await ops.ask('/health/ready')).body;
    expect(await ready()).toEqual({ status: 'ready', config: { state: 'ok', revision } });
    rmSync(file);
    writeFileSync(file, gateway.yaml.replace('deadline: 20000 ms', 'deadline: soon'));
    expect(await looked(subject, 0)).toBe('rejected');
    const problem = `${file}:2:24 defaults.product.deadline: expected a duration like "800ms" or "2s", got "soon"`;
    expect(await ready()).toEqual({ status: 'ready', config: { state: 'rejected', revision, problems: [problem] } });
    expect(gateway.log).toContainEqual(
      expect.objectContaining({ level: 50, problem, msg: 'the configuration was rejected, the last good one stays in force' }),
    );
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
    expect(await gateway.metric('interline_config_reloads_total', { result: 'rejected' })).toBe(1);
    const lines = gateway.log.length;
    writeFileSync(`${file}~`, gateway.yaml);
    renameSync(`${file}~`, file);
    expect(await looked(subject, lines)).toBe('accepted');
    expect(await ready()).toEqual({ status: 'ready', config: { state: 'ok', revision } });
  }, 30_000);

  it('as a ConfigMap is, by the swap of a symbolic link, is in force as a whole each time', async () => {
    using folder = temporaryFolder();
    const at = (...names: readonly string[]): string => join(folder.path, ...names);
    await using subject = await openLibrary({ ...PATIENT, file: at('gateway.yaml') });
    const { gateway } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const place = (name: string, text: string): void => {
      mkdirSync(at(`..${name}`));
      writeFileSync(at(`..${name}`, 'gateway.yaml'), text);
      symlinkSync(`..${name}`, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
    };
    await using load = new Load(() => gateway.get('/v1/books/b-1?reader=r-1'));
    place('first', gateway.yaml.replace('fanOut: 50', 'fanOut: 51'));
    symlinkSync('..data/gateway.yaml', at('link'));
    renameSync(at('link'), at('gateway.yaml'));
    expect(await looked(subject, 0)).toBe('accepted');
    for (const fanOut of [52, 53, 54]) {
      const lines = gateway.log.length;
      place(`revision-${fanOut}`, gateway.yaml.replace('fanOut: 50', `fanOut: ${fanOut}`));
      expect(await looked(subject, lines)).toBe('accepted');
      expect((await ops.policy('routes.GET /v1/books/{bookId}.fanOut')).knobs).toMatchObject([{ value: fanOut, origin: 'git' }]);
    }
    const lines = gateway.log.length;
    place('broken', readFileSync(at('gateway.yaml'), 'utf8').replace('fanOut: 54', 'fanOut: many'));
    expect(await looked(subject, lines)).toBe('rejected');
    expect((await ops.policy('routes.GET /v1/books/{bookId}.fanOut')).knobs).toMatchObject([{ value: 54 }]);
    expect(await load.failed()).toEqual([]);
  }, 30_000);
});
