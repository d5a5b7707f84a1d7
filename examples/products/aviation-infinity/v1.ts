import { aviation } from '#contracts/products/aviation-infinity/v1.js';
import { serve } from '../../kit/index.js';
import { type Tally, standings } from './standing.js';

const percent = ({ answered, total }: Tally): number => Math.round((answered / total) * 100);
const counted = ({ total, answered, correct }: Tally) => ({
  questionsTotal: total,
  questionsAnswered: answered,
  questionsCorrect: correct,
});

/** Tells a learner's standing in the names of version 1. */
export const v1 = serve(aviation, {
  getProgress({ input, db, fail }) {
    const [standing] = standings(db, [input.userId]);
    if (standing === undefined) throw fail('progressNotFound');
    return {
      userId: standing.userId,
      course: standing.licence,
      percent: percent(standing),
      subjects: standing.subjects.map((subject) => ({
        code: subject.code,
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
    };
  },
});
