import { describe, expect, it } from '@jest/globals';
import { Metrics } from '../../src/observe/metrics.js';
import { added, textOf } from '../../src/observe/series.js';

const GET_USER = { product: 'auth', version: '1', operation: 'getUser' };

/** The metrics of a worker that was asked so often. */
function worker(requests: number, breaker: 'closed' | 'open', redis: boolean): Metrics {
  const metrics = new Metrics();
  for (let nth = 0; nth < requests; nth++) {
    metrics.requestBegins();
    metrics.requestEnds('GET /v1/me', 'web', 'success_complete', 3);
  }
  metrics.requestBegins();
  metrics.breaker(GET_USER, breaker);
  metrics.redis(redis);
  metrics.policy('1.0-a');
  return metrics;
}

/** The lines of a text that are the gateway's own and not zero, in some order. */
const own = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => /^(# TYPE )?interline_/.test(line) && !line.endsWith(' 0'))
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`))
    .sort();

describe('the metrics of several workers', () => {
  it('are those of one, where there is one', async () => {
    const metrics = worker(3, 'open', true);
    expect(own(await textOf([await metrics.series(), []]))).toEqual(own(await metrics.text()));
    expect(own(await metrics.text())).toContain('interline_response_seconds_bucket{le="0.005",route="GET /v1/me"} 3');
  });

  it('are added up, but for states: the worst of them counts', async () => {
    const [one, two] = [worker(3, 'closed', true), worker(4, 'open', false)];
    const lines = (await textOf([await one.series(), await two.series()])).split('\n');
    for (const line of [
      'interline_responses_total{route="GET /v1/me",consumer="web",category="success_complete"} 7',
      'interline_response_seconds_count{route="GET /v1/me"} 7',
      'interline_requests_in_flight 2',
      'interline_breaker_state{product="auth",version="1",operation="getUser"} 2',
      'interline_redis_up 0',
      'interline_policy_info{revision="1.0-a"} 1',
    ])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line.startsWith('process_cpu_seconds_total '))).toHaveLength(1);
  });

  it('that are gone are kept as far as they only grow', async () => {
    const [one, two] = [worker(3, 'open', false), worker(4, 'open', false)];
    const gone = added(added([], await one.series()), await two.series());
    const text = await textOf([gone]);
    expect(text).toContain('interline_response_seconds_bucket{le="+Inf",route="GET /v1/me"} 7');
    expect(text).not.toMatch(/interline_(requests_in_flight|breaker_state|redis_up|policy_info)/);
    const both = await textOf([gone, await worker(1, 'closed', true).series()]);
    expect(both).toContain('interline_responses_total{route="GET /v1/me",consumer="web",category="success_complete"} 8');
    expect(both).toContain('interline_breaker_state{product="auth",version="1",operation="getUser"} 0');
  });
});
