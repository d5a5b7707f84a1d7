import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';

const percent = z.int().min(0).max(100).meta({ description: 'Whole percent of the questions that were answered.', example: 62 });
const counted = {
  questionsTotal: z.int().meta({ example: 40 }),
  questionsAnswered: z.int().meta({ example: 25 }),
  questionsCorrect: z.int().meta({ example: 21 }),
};

/** The latest practice exam of a chapter. */
const Attempt = z.object({
  at: z.iso.datetime().meta({ example: '2026-10-02T17:30:00Z' }),
  score: z.int().min(0).max(100).meta({ description: 'Whole percent of right answers.', example: 84 }),
});

const Topic = z.object({ name: z.string().meta({ example: 'Icing' }), ...counted });

const Chapter = z.object({
  number: z.int().meta({ example: 3 }),
  title: z.string().meta({ example: 'Flight Hazards' }),
  percent,
  ...counted,
  lastAttempt: Attempt.nullable(),
  topics: z.array(Topic),
});

const Subject = z.object({
  code: z.string().meta({ example: '050' }),
  title: z.string().meta({ example: 'Meteorology' }),
  percent,
  chapters: z.array(Chapter),
});

/** How far a user has come in the theory of a licence: every subject of it, begun or not. */
const Progress = z.object({
  userId: id('u'),
  course: z.enum(['PPL', 'CPL', 'ATPL']),
  percent,
  subjects: z.array(Subject),
});

/** The first form of the API; version 2 says the same with other names. Both are served. */
export const aviation = product('aviation-infinity', 1, {
  getProgress: operation({
    get: '/users/{userId}/progress',
    summary: 'How far a user has come, subject by subject.',
    input: z.object({ userId: id('u') }),
    output: Progress,
    errors: { progressNotFound: 404 },
    absent: 'progressNotFound',
    tags: ({ userId }) => [`progress:${userId}`],
  }),
});
