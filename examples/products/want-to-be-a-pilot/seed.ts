import { type Database, type Random, numbered } from '../../kit/index.js';

type Goal = 'PPL' | 'CPL' | 'ATPL';
const USERS = 200;
const goals: readonly [Goal, ...Goal[]] = ['PPL', 'PPL', 'PPL', 'CPL', 'ATPL'];

const instructors = [
  ['Ingrid Solberg', 'Egelsbach (EDFE)'],
  ['Marc Delacroix', 'Toussus-le-Noble (LFPN)'],
  ['Aoife Brennan', 'Weston (EIWT)'],
  ['Paolo Ferri', 'Bresso (LIMB)'],
  ['Henrik Lund', 'Roskilde (EKRK)'],
  ['Nuria Vidal', 'Sabadell (LELL)'],
  ['Stefan Brunner', 'Vöslau (LOAV)'],
  ['Emma Whitfield', 'Redhill (EGKR)'],
] as const;

const milestones: Readonly<Record<Goal, readonly string[]>> = {
  PPL: ['Medical certificate', 'First solo flight', 'Solo cross-country', 'Theory exams', 'Skill test'],
  CPL: ['Night rating', 'Hour building', 'Theory exams', 'Complex aircraft', 'Skill test'],
  ATPL: ['Theory exams, first sitting', 'Theory exams, last sitting', 'Instrument rating', 'Multi-crew cooperation', 'Type rating'],
};

const topics: Readonly<Record<Goal, readonly [string, ...string[]]>> = {
  PPL: ['Stalls and recovery', 'Circuits', 'Crosswind landings', 'Forced landings', 'Navigation exercise', 'Steep turns'],
  CPL: ['Chandelles', 'Night navigation', 'Retractable gear', 'Advanced turning', 'Diversion'],
  ATPL: ['ILS approach', 'Holding patterns', 'Engine failure after take-off', 'Crew procedures in the simulator'],
};

const fleet: Readonly<Record<Goal, readonly [string, ...string[]]>> = {
  PPL: ['Cessna 172 D-EKLM', 'Cessna 152 D-EBQT', 'Diamond DA20 OE-AKD', 'Aquila A210 D-EAQW'],
  CPL: ['Piper Arrow D-EPIA', 'Diamond DA40 OE-KRM'],
  ATPL: ['Diamond DA42 OE-FTW', 'Airbus A320 simulator'],
};

const instant = (day: number, hour: number): string => new Date(Date.UTC(2026, 0, day, hour, 30)).toISOString();
const date = (day: number): string => instant(day, 0).slice(0, 10);
/** The day of 2026 on which the seed stands still: flights before it are flown. */
const TODAY = 324;

/** Instructors, and a plan for every user but each fifth. */
export function seed(db: Database, random: Random): void {
  instructors.forEach(([name, base], i) =>
    db.run('INSERT INTO instructors (id, name, base) VALUES ($id, $name, $base)', { id: i + 1, name, base }),
  );
  for (let n = 1; n <= USERS; n++) if (n % 5 !== 0) seedPlan(db, random, n);
}

function seedPlan(db: Database, random: Random, n: number): void {
  const plan = numbered('t', n);
  const goal = goals[n % goals.length] ?? 'PPL';
  const start = TODAY - random.int(20, 300);
  db.run('INSERT INTO plans (id, user_id, goal, started_on, instructor) VALUES ($plan, $userId, $goal, $startedOn, $instructor)', {
    plan,
    userId: numbered('u', n),
    goal,
    startedOn: date(start),
    instructor: random.int(1, instructors.length),
  });
  // One in four is two months behind; what is done is done in order.
  const lateBy = random.chance(0.25) ? 60 : 0;
  milestones[goal].forEach((name, i) => {
    const due = start + 60 * (i + 1) + random.int(-10, 10);
    const done = due + lateBy < TODAY ? 1 : 0;
    db.run('INSERT INTO milestones (plan, due_on, name, done) VALUES ($plan, $dueOn, $name, $done)', {
      plan,
      dueOn: date(due),
      name,
      done,
    });
  });
  // One plan in seven has nothing booked.
  const ahead = n % 7 === 0 ? 0 : random.int(1, 3);
  for (let lesson = -4; lesson < ahead; lesson++) {
    const at = instant(TODAY + 2 + lesson * 5, random.int(8, 16));
    db.run('INSERT INTO lessons (plan, at, topic, aircraft, flown) VALUES ($plan, $at, $topic, $aircraft, $flown)', {
      plan,
      at,
      topic: random.pick(topics[goal]),
      aircraft: random.pick(fleet[goal]),
      flown: lesson < 0 ? 1 : 0,
    });
  }
}
