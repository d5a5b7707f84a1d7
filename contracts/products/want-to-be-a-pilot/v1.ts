import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';

const Milestone = z.object({
  name: z.string().meta({ example: 'First solo flight' }),
  dueOn: z.iso.date().meta({ example: '2026-12-05' }),
  done: z.boolean(),
});

const Lesson = z.object({
  at: z.iso.datetime().meta({ example: '2026-11-28T09:30:00Z' }),
  topic: z.string().meta({ example: 'Crosswind landings' }),
  aircraft: z.string().meta({ description: 'Type and registration.', example: 'Cessna 172 D-EKLM' }),
});

/** How the theory goes, in short. This product asks aviation-infinity for it. */
const Theory = z.object({
  percent: z.int().min(0).max(100).meta({ description: 'Whole percent of the questions that were answered.', example: 62 }),
  weakestSubject: z.string().nullable().meta({
    description: 'The title of the begun subject with the smallest share of right answers; null before any answer.',
    example: 'Meteorology',
  }),
});

/** The way of one user to a licence. */
export const Plan = z.object({
  id: id('t'),
  userId: id('u'),
  goal: z.enum(['PPL', 'CPL', 'ATPL']),
  startedOn: z.iso.date().meta({ example: '2026-03-14' }),
  instructor: z.object({ name: z.string().meta({ example: 'Ingrid Solberg' }), base: z.string().meta({ example: 'Egelsbach (EDFE)' }) }),
  milestones: z.array(Milestone).meta({ description: 'By due date.' }),
  nextLesson: Lesson.nullable(),
  theory: Theory.nullable().meta({ description: 'Null where the user never began the theory, or where it could not be had.' }),
  theoryUnavailable: z.string().nullable().meta({
    description: 'Why the theory could not be had, as a kind of failure; null where it was had or was never begun.',
    example: 'timeout',
  }),
});

/** Training plans for pilots. */
export const pilot = product('want-to-be-a-pilot', 1, {
  getPlan: operation({
    get: '/users/{userId}/plan',
    summary: "A user's training plan.",
    input: z.object({ userId: id('u') }),
    output: Plan,
    errors: { planNotFound: 404 },
    absent: 'planNotFound',
    tags: ({ userId }) => [`plan:${userId}`],
  }),
});
