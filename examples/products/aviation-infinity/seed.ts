import { type Database, type Random, numbered } from '../../kit/index.js';
import { syllabus } from './syllabus.js';

interface SeededTopic {
  readonly id: number;
  readonly questions: number;
}
interface SeededChapter {
  readonly id: number;
  readonly ppl: boolean;
  readonly topics: readonly SeededTopic[];
}

type Licence = 'PPL' | 'CPL' | 'ATPL';
const USERS = 200;
const licences: readonly [Licence, ...Licence[]] = ['PPL', 'PPL', 'PPL', 'CPL', 'ATPL'];

/** The syllabus, and the learners: every user but each eighth, who never began. */
export function seed(db: Database, random: Random): void {
  const chapters = seedSyllabus(db, random);
  for (let n = 1; n <= USERS; n++) {
    if (n % 8 === 0) continue;
    const userId = numbered('u', n);
    const licence = licences[n % licences.length] ?? 'PPL';
    db.run('INSERT INTO learners (user_id, licence) VALUES ($userId, $licence)', { userId, licence });
    const own = chapters.filter((chapter) => licence !== 'PPL' || chapter.ppl);
    seedLearner(db, random, userId, own);
  }
}

function seedSyllabus(db: Database, random: Random): readonly SeededChapter[] {
  const chapters: SeededChapter[] = [];
  let topicId = 0;
  for (const { code, title, ppl, chapters: taught } of syllabus) {
    db.run('INSERT INTO subjects (code, title) VALUES ($code, $title)', { code, title });
    for (const licence of ppl ? ['PPL', 'CPL', 'ATPL'] : ['CPL', 'ATPL'])
      db.run('INSERT INTO subject_licences (licence, subject) VALUES ($licence, $code)', { licence, code });
    Object.entries(taught).forEach(([chapter, names], i) => {
      const id = chapters.length + 1;
      db.run('INSERT INTO chapters (id, subject, number, title) VALUES ($id, $code, $number, $chapter)', {
        id,
        code,
        number: i + 1,
        chapter,
      });
      const topics = names.map((name, position) => {
        const topic = { id: ++topicId, questions: random.int(8, 24) };
        db.run('INSERT INTO topics (id, chapter, position, name, questions) VALUES ($id, $chapter, $position, $name, $questions)', {
          ...topic,
          chapter: id,
          position,
          name,
        });
        return topic;
      });
      chapters.push({ id, ppl, topics });
    });
  }
  return chapters;
}

/** A learner goes through the chapters in order, as far as they have come, and is better at some than at others. */
function seedLearner(db: Database, random: Random, userId: string, chapters: readonly SeededChapter[]): void {
  const begun = chapters.slice(0, random.int(1, chapters.length));
  const talent = 0.55 + random.next() * 0.35;
  begun.forEach((chapter, i) => {
    const isLast = i === begun.length - 1;
    const skill = Math.min(1, talent + (random.next() - 0.4) * 0.25);
    for (const { id: topic, questions } of isLast ? chapter.topics.slice(0, 1) : chapter.topics) {
      const answered = isLast ? random.int(1, questions) : random.int(Math.ceil(questions / 2), questions);
      const correct = Math.round(answered * skill);
      db.run('INSERT INTO answers (user_id, topic, answered, correct) VALUES ($userId, $topic, $answered, $correct)', {
        userId,
        topic,
        answered,
        correct,
      });
    }
    for (let attempt = isLast ? 0 : random.int(0, 3); attempt > 0; attempt--) {
      const at = new Date(Date.UTC(2026, 1, 1 + 7 * i, 16, random.int(0, 59)) - attempt * 86_400_000).toISOString();
      const score = Math.min(100, Math.max(0, Math.round(100 * skill) + random.int(-12, 8)));
      db.run('INSERT INTO attempts (user_id, chapter, at, score) VALUES ($userId, $chapter, $at, $score)', {
        userId,
        chapter: chapter.id,
        at,
        score,
      });
    }
  });
}
