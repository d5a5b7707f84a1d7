import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { GatewayProcess, configuration } from '../process/gateway-process.js';
import { OpsPort } from './operator.js';

const DEADLINE = 'products.auth.deadline';

/** A gateway that keeps its data in a folder and its configuration in a file there. */
const started = (folder: string): GatewayProcess =>
  new GatewayProcess(undefined, { GATEWAY_CONFIG: join(folder, 'gateway.yaml'), DATA_DIR: join(folder, 'data'), DRAIN_MS: '0' });

/** Puts another file in the place of the configuration. */
function swap(folder: string, text: string): void {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(`${file}~`, text);
  renameSync(`${file}~`, file);
}

describe('the process', () => {
  it('takes up a new gateway.yaml, keeps the last good one where it is broken, and says so in log, readiness and metrics', async () => {
    using folder = temporaryFolder();
    swap(folder.path, configuration());
    await using gateway = started(folder.path);
    const { opsUrl } = await gateway.listening();
    const ops = new OpsPort(opsUrl);
    const { revision } = await ops.policy();
    expect(await ops.ask('/health/ready')).toMatchObject({ status: 200, body: { status: 'ready', config: { state: 'ok', revision } } });

    swap(folder.path, configuration().replace('deadline: 60s', 'deadline: soon'));
    const line = `${join(folder.path, 'gateway.yaml')}:2:24 defaults.product.deadline: expected a duration like "800ms" or "2s", got "soon"`;
    expect(await gateway.said('the configuration was rejected, the last good one stays in force')).toMatchObject({
      level: 50,
      problem: line,
    });
    expect(await ops.ask('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', config: { state: 'rejected', revision, problems: [line] } },
    });

    swap(folder.path, `${configuration().replace('deadline: 60s', 'deadline: 61s')}edge: { requestTimeout: 9s }\n`);
    await gateway.said('edge.requestTimeout has changed and takes a restart');
    const after = await ops.policy(DEADLINE);
    expect(after.revision).not.toBe(revision);
    expect(after.knobs).toMatchObject([{ value: '61s', origin: 'git' }]);
    expect(await ops.ask('/health/ready')).toMatchObject({ status: 200, body: { config: { state: 'ok', revision: after.revision } } });
    const { text } = await ops.ask('/metrics');
    expect(text.split('\n').filter((one) => /^interline_(config|policy)/.test(one))).toEqual([
      'interline_config_reloads_total{result="rejected"} 1',
      'interline_config_reloads_total{result="accepted"} 1',
      `interline_policy_info{revision="${after.revision}"} 1`,
    ]);
  }, 30_000);

  it('that is killed has its overrides and its history as they were when it starts again', async () => {
    using folder = temporaryFolder();
    swap(folder.path, configuration());
    const first = started(folder.path);
    const ops = new OpsPort((await first.listening()).opsUrl);
    await ops.turn({ changes: { [DEADLINE]: '59s' }, reason: 'a test', who: 'ada' });
    const [policy, history] = [await ops.policy(), (await ops.ask('/ops/history')).body];
    await first[Symbol.asyncDispose](); // SIGKILL
    await using second = started(folder.path);
    const again = new OpsPort((await second.listening()).opsUrl);
    expect(await again.policy()).toEqual(policy);
    expect((await again.ask('/ops/history')).body).toEqual(history);
  }, 30_000);

  it('does not start on overrides that it can not read, says which, and leaves them as they are', async () => {
    using folder = temporaryFolder();
    swap(folder.path, configuration());
    const first = started(folder.path);
    await new OpsPort((await first.listening()).opsUrl).turn({ changes: { [DEADLINE]: '59s' }, reason: 'a test' });
    await first[Symbol.asyncDispose]();
    const file = join(folder.path, 'data', 'overrides.json');
    const half = readFileSync(file, 'utf8').slice(0, 40);
    writeFileSync(file, half);
    await using second = started(folder.path);
    expect(await second.exit).toBe(1);
    expect(await second.stderr).toBe(
      `${file}: expected overrides as the gateway writes them, it holds something else; move the file away to start without any\n`,
    );
    expect(readFileSync(file, 'utf8')).toBe(half);
  }, 30_000);
});
