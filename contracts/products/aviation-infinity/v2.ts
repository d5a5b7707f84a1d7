import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';

const licence = z.enum(['PPL', 'CPL', 'ATPL']);
const title = z.string().meta({ example: 'Meteorology' });
const subjectCode = z
  .string()
  .regex(/^\d{3}$/, { error: 'expected a subject code like "050"' })
  .meta({ description: 'The number of the subject in the EASA syllabus.', example: '050' });

/** How many of the questions were answered. */
const Completion = z.object({
  ratio: z.number().min(0).max(1).meta({ description: 'answered / total, unrounded.', example: 0.625 }),
  answered: z.int().meta({ example: 25 }),
  total: z.int().meta({ example: 40 }),
});

const correct = z.int().meta({ description: 'How many of the answered questions were answered right.', example: 21 });

/** One practice exam of a chapter. */
const Attempt = z.object({
  at: z.iso.datetime().meta({ example: '2026-10-02T17:30:00Z' }),
  score: z.int().min(0).max(100).meta({ description: 'Whole percent of right answers.', example: 84 }),
});

const Topic = z.object({ name: z.string().meta({ example: 'Icing' }), completion: Completion, correct });

const Chapter = z.object({
  number: z.int().meta({ example: 3 }),
  title: z.string().meta({ example: 'Flight Hazards' }),
  completion: Completion,
  correct,
  attempts: z.array(Attempt).meta({ description: 'Newest first; empty where none was made.' }),
  topics: z.array(Topic),
});

/** How far a user has come in the theory of a licence: every subject of it, begun or not, by its code. */
export const Progress = z.object({
  userId: id('u'),
  licence,
  completion: Completion,
  correct,
  subjects: z.record(z.string(), z.object({ title, completion: Completion, correct, chapters: z.array(Chapter) })),
});

/** A subject as it is taught. */
export const Subject = z.object({
  code: subjectCode,
  title,
  licences: z.array(licence).meta({ description: 'The licences whose theory exam includes it.' }),
  chapters: z.array(
    z.object({
      number: z.int().meta({ example: 3 }),
      title: z.string().meta({ example: 'Flight Hazards' }),
      topics: z.array(z.object({ name: z.string().meta({ example: 'Icing' }), questions: z.int().meta({ example: 12 }) })),
    }),
  ),
});

/** Exam preparation: version 2 renames and restructures version 1. Both are served. */
export const aviation = product('aviation-infinity', 2, {
  getProgress: operation({
    get: '/users/{userId}/progress',
    summary: 'How far a user has come, subject by subject.',
    input: z.object({ userId: id('u') }),
    output: Progress,
    errors: { progressNotFound: 404 },
    absent: 'progressNotFound',
    tags: ({ userId }) => [`progress:${userId}`],
  }),
  listProgress: operation({
    get: '/progress',
    summary: 'The progress of several users, in no particular order; users who never began are left out.',
    input: z.object({ userIds: z.array(id('u')).min(1).max(20) }),
    output: z.object({ progress: z.array(Progress) }),
    batches: { one: 'getProgress', each: 'userId', list: 'userIds', at: 'progress', by: 'userId', atMost: 20 },
  }),
  getSubject: operation({
    get: '/subjects/{code}',
    summary: 'One subject with its chapters and topics.',
    input: z.object({ code: subjectCode }),
    output: Subject,
    errors: { subjectNotFound: 404 },
    absent: 'subjectNotFound',
    dependsOn: 'public',
    tags: ({ code }) => [`subject:${code}`],
  }),
  listSubjects: operation({
    get: '/subjects',
    summary: 'All subjects, or those of one licence, in the order of the syllabus.',
    input: z.object({ licence: licence.optional() }),
    output: z.object({ subjects: z.array(Subject) }),
    dependsOn: 'public',
  }),
});
