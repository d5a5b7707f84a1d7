import { z } from 'zod';
import type { Database } from '../../kit/index.js';

/** Questions there are, questions answered, and those answered right. */
export interface Tally {
  readonly total: number;
  readonly answered: number;
  readonly correct: number;
}

const Licence = z.enum(['PPL', 'CPL', 'ATPL']);
const Attempt = z.object({ at: z.string(), score: z.int() });
type Attempt = z.output<typeof Attempt>;

interface ChapterStanding extends Tally {
  readonly number: number;
  readonly title: string;
  /** Newest first. */
  readonly attempts: readonly Attempt[];
  readonly topics: readonly (Tally & { readonly name: string })[];
}
interface SubjectStanding extends Tally {
  readonly code: string;
  readonly title: string;
  readonly chapters: readonly ChapterStanding[];
}

/** Where a learner stands: what every version of the API tells in its own form. */
export interface Standing extends Tally {
  readonly userId: string;
  readonly licence: z.output<typeof Licence>;
  readonly subjects: readonly SubjectStanding[];
}

const TopicRow = z.object({
  userId: z.string(),
  licence: Licence,
  code: z.string(),
  subject: z.string(),
  chapterId: z.int(),
  number: z.int(),
  chapter: z.string(),
  name: z.string(),
  total: z.int(),
  answered: z.int(),
  correct: z.int(),
});
type TopicRow = z.output<typeof TopicRow>;
const AttemptRow = Attempt.extend({ userId: z.string(), chapterId: z.int() });

const TOPICS = `
  SELECT learners.user_id AS userId, learners.licence,
         subjects.code, subjects.title AS subject,
         chapters.id AS chapterId, chapters.number, chapters.title AS chapter,
         topics.name, topics.questions AS total, ifnull(answers.answered, 0) AS answered, ifnull(answers.correct, 0) AS correct
  FROM learners
  JOIN subject_licences USING (licence)
  JOIN subjects ON subjects.code = subject_licences.subject
  JOIN chapters ON chapters.subject = subjects.code
  JOIN topics ON topics.chapter = chapters.id
  LEFT JOIN answers ON answers.user_id = learners.user_id AND answers.topic = topics.id
  WHERE learners.user_id IN (SELECT value FROM json_each($userIds))
  ORDER BY learners.user_id, subjects.code, chapters.number, topics.position`;

const ATTEMPTS = `
  SELECT user_id AS userId, chapter AS chapterId, at, score
  FROM attempts
  WHERE user_id IN (SELECT value FROM json_each($userIds))
  ORDER BY user_id, chapter, at DESC`;

/** Where these users stand, by user id; those who never began are left out. Two queries, however many are asked for. */
export function standings(db: Database, userIds: readonly string[]): readonly Standing[] {
  const params = { userIds: JSON.stringify(userIds) };
  const attempts = Map.groupBy(db.all(AttemptRow, ATTEMPTS, params), ({ userId, chapterId }) => `${userId} ${chapterId}`);
  const attemptsOf = ({ userId, chapterId }: TopicRow): readonly Attempt[] => attempts.get(`${userId} ${chapterId}`) ?? [];
  return grouped(db.all(TopicRow, TOPICS, params), 'userId', ({ userId, licence }, ofUser) => ({
    userId,
    licence,
    ...sum(ofUser),
    subjects: grouped(ofUser, 'code', ({ code, subject }, ofSubject) => ({
      code,
      title: subject,
      ...sum(ofSubject),
      chapters: grouped(ofSubject, 'chapterId', (row, topics) => ({
        number: row.number,
        title: row.chapter,
        ...sum(topics),
        attempts: attemptsOf(row),
        topics,
      })),
    })),
  }));
}

/** One result per distinct value of the key, in the order of the rows. */
const grouped = <R>(rows: readonly TopicRow[], key: keyof TopicRow, make: (first: TopicRow, all: readonly TopicRow[]) => R): R[] =>
  [...Map.groupBy(rows, (row) => row[key]).values()].flatMap((all) => (all[0] ? [make(all[0], all)] : []));

const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce((a, b) => ({ total: a.total + b.total, answered: a.answered + b.answered, correct: a.correct + b.correct }), {
    total: 0,
    answered: 0,
    correct: 0,
  });
