import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Topic } from '../../src/ops/peers.js';
import type { ForWorker, FromWorker } from '../../src/workers/messages.js';
import { Siblings } from '../../src/workers/siblings.js';
import { until } from '../until.js';

const COUNT: Topic<number> = { name: 'count', schema: z.int() };

/** A worker with a test in the place of the process that started it. */
async function worker() {
  const said: FromWorker[] = [];
  let tell: (message: unknown) => void = () => undefined;
  const joined = Siblings.join({
    send(message, sent) {
      said.push(message);
      sent?.();
    },
    on: (listener) => void (tell = listener),
  });
  const told = (message: ForWorker): void => tell(message);
  expect(said).toEqual([{ kind: 'joins' }]);
  tell('what nobody understands');
  told({ kind: 'heard', text: 'before its time' });
  told({ kind: 'begin', worker: 2, of: 3, group: 'g' });
  const siblings = await joined;
  said.length = 0;
  return { siblings, said, told };
}

describe('a worker', () => {
  it('knows which it is, once it is told', async () => {
    const { siblings } = await worker();
    expect([siblings.share, siblings.group]).toEqual([{ worker: 2, of: 3 }, 'g']);
  });

  it('hears what others say until it hears no more', async () => {
    const { siblings, said, told } = await worker();
    const heard: string[] = [];
    const forget = siblings.onSaid((text) => void heard.push(text));
    told({ kind: 'heard', text: 'a' });
    forget();
    told({ kind: 'heard', text: 'b' });
    expect(heard).toEqual(['a']);
    siblings.say('c');
    expect(said).toEqual([{ kind: 'says', text: 'c' }]);
  });

  it('is told what all say of a topic, but for what it can not read', async () => {
    const { siblings, said, told } = await worker();
    const [one, two] = [siblings.ask(COUNT), siblings.ask(COUNT)];
    expect(said).toEqual([1, 2].map((id) => ({ kind: 'asks', id, topic: 'count' })));
    told({ kind: 'told', id: 2, values: [7, 'seven', 8] });
    told({ kind: 'told', id: 1, values: [] });
    expect([await one, await two]).toEqual([[], [7, 8]]);
  });

  it('says what it is asked, and nothing of what it knows nothing of', async () => {
    const { siblings, said, told } = await worker();
    siblings.answers(COUNT, async () => 7);
    told({ kind: 'asked', id: 5, topic: 'count' });
    told({ kind: 'asked', id: 6, topic: 'weather' });
    await until(() => said.length === 2);
    expect(said).toContainEqual({ kind: 'replies', id: 5, value: 7 });
    expect(said).toContainEqual({ kind: 'replies', id: 6, value: undefined });
  });

  it('leaves when it is told to, also where it was told so before it could', async () => {
    const { siblings, told } = await worker();
    told({ kind: 'leave', why: 'replaced' });
    const leavings: string[] = [];
    siblings.onLeave((why) => void leavings.push(why));
    told({ kind: 'leave', why: 'all end' });
    expect(leavings).toEqual(['replaced', 'all end']);
  });
});
