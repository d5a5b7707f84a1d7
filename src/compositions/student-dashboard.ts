import { optional } from '#contracts/kernel/index.js';
import { auth } from '#contracts/products/auth/v1.js';
import { aviation } from '#contracts/products/aviation-infinity/v2.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { studentDashboard as route } from '#contracts/public/v1/student-dashboard.js';
import { composition } from '../composition/composition.js';

const percent = (ratio: number): number => Math.round(ratio * 100);

/** Four products on one page; only the student has to be there. */
export const studentDashboard = composition(route, {
  uses: {
    student: auth.getUser.reads({ id: true, name: true, memberSince: true }),
    progress: optional(
      aviation.getProgress.reads({
        licence: true,
        completion: { ratio: true },
        subjects: { '*': { title: true, completion: { ratio: true } } },
      }),
    ),
    plan: optional(
      pilot.getPlan.reads({
        goal: true,
        instructor: { name: true },
        nextLesson: { at: true, topic: true },
        milestones: { done: true },
        theory: { percent: true },
      }),
    ),
    orders: optional(
      shop.listOrders.reads({ orders: { id: true, placedAt: true, status: true, lines: { quantity: true, unitPrice: { amount: true } } } }),
    ),
  },
  errors: { student: { userNotFound: 'studentNotFound' } },
  async compose({ input: { studentId }, student, progress, plan, orders, gather }) {
    const parts = await gather({
      student: student({ id: studentId }),
      progress: progress({ userId: studentId }),
      plan: plan({ userId: studentId }),
      page: orders({ customerId: studentId, limit: 5 }),
    });
    return {
      student: parts.student,
      progress: parts.progress
        ? {
            licence: parts.progress.licence,
            percent: percent(parts.progress.completion.ratio),
            subjects: Object.entries(parts.progress.subjects).map(([code, { title, completion }]) => ({
              code,
              title,
              percent: percent(completion.ratio),
            })),
          }
        : null,
      plan: parts.plan
        ? {
            goal: parts.plan.goal,
            instructor: parts.plan.instructor.name,
            nextLesson: parts.plan.nextLesson,
            milestonesDone: parts.plan.milestones.filter(({ done }) => done).length,
            milestones: parts.plan.milestones.length,
            theoryPercent: parts.plan.theory?.percent ?? null,
          }
        : null,
      orders:
        parts.page?.orders.map(({ id, placedAt, status, lines }) => ({
          id,
          placedAt,
          status,
          items: lines.reduce((sum, line) => sum + line.quantity, 0),
          total: lines.reduce((sum, line) => sum + line.quantity * line.unitPrice.amount, 0),
        })) ?? null,
    };
  },
});
