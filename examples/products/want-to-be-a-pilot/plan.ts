import type { z } from 'zod';
import { Plan } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { type Database, json } from '../../kit/index.js';

const { milestones, nextLesson, instructor } = Plan.shape;
const PlanRow = Plan.omit({ theory: true, theoryUnavailable: true }).extend({
  instructor: json(instructor),
  milestones: json(milestones),
  nextLesson: json(nextLesson),
});

/** A training plan as far as this product's own tables know it. */
type OwnPlan = z.output<typeof PlanRow>;

const PLAN = `
  SELECT plans.id, user_id AS userId, goal, started_on AS startedOn,
    json_object('name', instructors.name, 'base', instructors.base) AS instructor,
    (SELECT json_group_array(json_object('name', name, 'dueOn', due_on, 'done', json(iif(done, 'true', 'false'))) ORDER BY due_on, name)
     FROM milestones WHERE plan = plans.id) AS milestones,
    ifnull((SELECT json_object('at', at, 'topic', topic, 'aircraft', aircraft)
     FROM lessons WHERE plan = plans.id AND flown = 0 ORDER BY at LIMIT 1), 'null') AS nextLesson
  FROM plans JOIN instructors ON instructors.id = plans.instructor
  WHERE user_id = $userId`;

/** The plan of a user, with the first lesson that is still to be flown; undefined where the user has none. */
export const planOf = (db: Database, userId: string): OwnPlan | undefined => db.one(PlanRow, PLAN, { userId });
