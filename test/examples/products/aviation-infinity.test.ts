import { describe, expect, it } from '@jest/globals';
import { client } from '#contracts/client/index.js';
import { aviation as aviationV1 } from '#contracts/products/aviation-infinity/v1.js';
import { aviation as aviationV2 } from '#contracts/products/aviation-infinity/v2.js';
import { aviationInfinityProduct } from '../../../examples/products/aviation-infinity/product.js';
import { KEY, running, tokenOf } from '../kit-fixture.js';
import { contentOf, seeded } from './seeded.js';
import { valueOf } from './value-of.js';

const consumer = 'test';
const v1Of = (url: string) =>
  client({
    consumer,
    baseUrl: `${url}/v1`,
    at: 'product',
    key: KEY,
    token: tokenOf('u-0001'),
    uses: { progress: aviationV1.getProgress.reads(true) },
  });
const v2Of = (url: string) =>
  client({
    consumer,
    baseUrl: `${url}/v2`,
    at: 'product',
    key: KEY,
    token: tokenOf('u-0001'),
    uses: {
      progress: aviationV2.getProgress.reads(true),
      list: aviationV2.listProgress.reads(true),
      subject: aviationV2.getSubject.reads(true),
      subjects: aviationV2.listSubjects.reads(true),
    },
  });

type Scored = {
  readonly completion: { readonly ratio: number; readonly answered: number; readonly total: number };
  readonly correct: number;
};
const percent = ({ completion }: Scored): number => Math.round(completion.ratio * 100);
const counted = ({ completion, correct }: Scored) => ({
  questionsTotal: completion.total,
  questionsAnswered: completion.answered,
  questionsCorrect: correct,
});

describe('aviation-infinity', () => {
  it('seeds the syllabus and its learners, the same every time', () => {
    using one = seeded(aviationInfinityProduct);
    using other = seeded(aviationInfinityProduct);
    const { rows, digest } = contentOf(one.db);
    expect(rows).toMatchObject({ subjects: 13, learners: 175 });
    expect(rows.answers).toBeGreaterThan(5_000);
    expect(rows.attempts).toBeGreaterThan(1_000);
    expect(contentOf(other.db).digest).toBe(digest);
  });

  it('tells the same truth in both versions', async () => {
    await using product = await running(aviationInfinityProduct);
    const [v1, v2] = [v1Of(product.url), v2Of(product.url)];
    for (const userId of ['u-0001', 'u-0003', 'u-0004', 'u-0199']) {
      const now = valueOf(await v2.progress({ userId }));
      expect(valueOf(await v1.progress({ userId }))).toEqual({
        userId,
        course: now.licence,
        percent: percent(now),
        subjects: Object.entries(now.subjects).map(([code, subject]) => ({
          code,
          title: subject.title,
          percent: percent(subject),
          chapters: subject.chapters.map((chapter) => ({
            number: chapter.number,
            title: chapter.title,
            percent: percent(chapter),
            ...counted(chapter),
            lastAttempt: chapter.attempts[0] ?? null,
            topics: chapter.topics.map((topic) => ({ name: topic.name, ...counted(topic) })),
          })),
        })),
      });
    }
  });

  it('adds up from topics to chapters, subjects and the whole', async () => {
    await using product = await running(aviationInfinityProduct);
    const whole = valueOf(await v2Of(product.url).progress({ userId: 'u-0004' }));
    const subjects = Object.values(whole.subjects);
    const chapters = subjects.flatMap((subject) => subject.chapters);
    const topics = chapters.flatMap((chapter) => chapter.topics);
    expect(whole.completion.answered).toBeGreaterThan(0);
    for (const level of [subjects, chapters, topics]) {
      const sum = (of: (scored: Scored) => number): number => level.reduce((total, scored) => total + of(scored), 0);
      expect(sum(({ completion }) => completion.total)).toBe(whole.completion.total);
      expect(sum(({ completion }) => completion.answered)).toBe(whole.completion.answered);
      expect(sum(({ correct }) => correct)).toBe(whole.correct);
    }
  });

  it('lists attempts newest first', async () => {
    await using product = await running(aviationInfinityProduct);
    const { progress } = valueOf(await v2Of(product.url).list({ userIds: ['u-0001', 'u-0002', 'u-0003', 'u-0004'] }));
    const attempts = progress.flatMap(({ subjects }) =>
      Object.values(subjects).flatMap(({ chapters }) => chapters.map((chapter) => chapter.attempts.map(({ at }) => at))),
    );
    expect(attempts.some((times) => times.length > 1)).toBe(true);
    for (const times of attempts) expect(times).toEqual([...times].sort().reverse());
  });

  it('says in both versions that a user has never begun', async () => {
    await using product = await running(aviationInfinityProduct);
    for (const version of [v1Of(product.url), v2Of(product.url)])
      expect(await version.progress({ userId: 'u-0008' })).toMatchObject({ ok: false, error: 'progressNotFound', status: 404 });
  });

  it('answers for several users as for each, each once, without those who never began', async () => {
    await using product = await running(aviationInfinityProduct);
    const v2 = v2Of(product.url);
    const { progress } = valueOf(await v2.list({ userIds: ['u-0007', 'u-0008', 'u-0001', 'u-0007', 'u-9999'] }));
    expect(new Map(progress.map((one) => [one.userId, one]))).toEqual(
      new Map([
        ['u-0001', valueOf(await v2.progress({ userId: 'u-0001' }))],
        ['u-0007', valueOf(await v2.progress({ userId: 'u-0007' }))],
      ]),
    );
    expect(progress).toHaveLength(2);
  });

  it('examines a private pilot in nine of the thirteen subjects', async () => {
    await using product = await running(aviationInfinityProduct);
    const v2 = v2Of(product.url);
    const all = valueOf(await v2.subjects({})).subjects;
    const own = valueOf(await v2.subjects({ licence: 'PPL' })).subjects;
    expect(all).toHaveLength(13);
    expect(own).toHaveLength(9);
    expect(own).toEqual(all.filter(({ licences }) => licences.includes('PPL')));
    expect(Object.keys(valueOf(await v2.progress({ userId: 'u-0001' })).subjects)).toEqual(own.map(({ code }) => code));
  });

  it('gives one subject with its chapters and topics in order', async () => {
    await using product = await running(aviationInfinityProduct);
    const v2 = v2Of(product.url);
    const subject = valueOf(await v2.subject({ code: '050' }));
    expect(subject).toMatchObject({ code: '050', title: 'Meteorology', licences: ['ATPL', 'CPL', 'PPL'] });
    expect(subject.chapters.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(subject.chapters[3]?.topics.map(({ name }) => name)).toEqual(['Icing', 'Turbulence', 'Thunderstorms', 'Windshear']);
    expect(await v2.subject({ code: '999' })).toMatchObject({ ok: false, error: 'subjectNotFound' });
  });
});
