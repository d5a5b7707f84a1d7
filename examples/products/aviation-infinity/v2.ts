import type { z } from 'zod';
import { type Progress, aviation } from '#contracts/products/aviation-infinity/v2.js';
import { serve } from '../../kit/index.js';
import { type Standing, type Tally, standings } from './standing.js';
import { subjects } from './subject.js';

const scored = ({ total, answered, correct }: Tally) => ({ completion: { ratio: answered / total, answered, total }, correct });

const told = (standing: Standing): z.input<typeof Progress> => ({
  userId: standing.userId,
  licence: standing.licence,
  ...scored(standing),
  subjects: Object.fromEntries(
    standing.subjects.map((subject) => [
      subject.code,
      {
        title: subject.title,
        ...scored(subject),
        chapters: subject.chapters.map((chapter) => ({
          number: chapter.number,
          title: chapter.title,
          ...scored(chapter),
          attempts: [...chapter.attempts],
          topics: chapter.topics.map((topic) => ({ name: topic.name, ...scored(topic) })),
        })),
      },
    ]),
  ),
});

/** Tells a learner's standing in the names of version 2, and what is taught. */
export const v2 = serve(aviation, {
  getProgress({ input, db, fail }) {
    const [standing] = standings(db, [input.userId]);
    if (standing === undefined) throw fail('progressNotFound');
    return told(standing);
  },
  listProgress: ({ input, db }) => ({ progress: standings(db, input.userIds).map(told) }),
  getSubject({ input, db, fail }) {
    const [subject] = subjects(db, input.code);
    if (subject === undefined) throw fail('subjectNotFound');
    return subject;
  },
  listSubjects: ({ input: { licence }, db }) => ({
    subjects: subjects(db).filter(({ licences }) => licence === undefined || licences.includes(licence)),
  }),
});
