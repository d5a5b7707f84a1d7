import { z } from 'zod';
import { id, route } from '../../kernel/index.js';

/** What a student sees first: who they are, how far they have come, what comes next, what they bought. */
export const studentDashboard = route('GET /v1/students/{studentId}/dashboard', {
  summary: "A student's progress, training plan and latest orders.",
  input: z.object({ studentId: id('u') }),
  output: z.object({
    student: z.object({ id: id('u'), name: z.string().meta({ example: 'Ada Lindqvist' }), memberSince: z.iso.date() }),
    progress: z
      .object({
        licence: z.enum(['PPL', 'CPL', 'ATPL']),
        percent: z.int().min(0).max(100).meta({ example: 62 }),
        subjects: z.array(
          z.object({ code: z.string().meta({ example: '050' }), title: z.string().meta({ example: 'Meteorology' }), percent: z.int() }),
        ),
      })
      .nullable()
      .meta({ description: 'Null where the student never began the theory, or where the part is missing.' }),
    plan: z
      .object({
        goal: z.enum(['PPL', 'CPL', 'ATPL']),
        instructor: z.string().meta({ example: 'Ingrid Solberg' }),
        nextLesson: z.object({ at: z.iso.datetime(), topic: z.string().meta({ example: 'Crosswind landings' }) }).nullable(),
        milestonesDone: z.int(),
        milestones: z.int(),
        theoryPercent: z.int().nullable().meta({ description: 'As the training plan knows it.' }),
      })
      .nullable()
      .meta({ description: 'Null where the student has no training plan, or where the part is missing.' }),
    orders: z
      .array(
        z.object({
          id: id('o'),
          placedAt: z.iso.datetime(),
          status: z.string().meta({ example: 'shipped' }),
          items: z.int(),
          total: z.int().meta({ description: 'In cents.' }),
        }),
      )
      .nullable()
      .meta({ description: 'The latest five; null where the part is missing.' }),
  }),
  errors: { studentNotFound: 404 },
  parts: { student: 'required', progress: 'optional', plan: 'optional', orders: 'optional' },
});
