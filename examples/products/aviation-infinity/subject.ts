import type { z } from 'zod';
import { Subject } from '#contracts/products/aviation-infinity/v2.js';
import { type Database, json } from '../../kit/index.js';

const SubjectRow = Subject.extend({ licences: json(Subject.shape.licences), chapters: json(Subject.shape.chapters) });

const SUBJECTS = `
  SELECT code, title,
    (SELECT json_group_array(licence ORDER BY licence) FROM subject_licences WHERE subject = code) AS licences,
    (SELECT json_group_array(json_object('number', number, 'title', chapters.title, 'topics', json(
        (SELECT json_group_array(json_object('name', name, 'questions', questions) ORDER BY position) FROM topics WHERE chapter = chapters.id)
      )) ORDER BY number) FROM chapters WHERE subject = code) AS chapters
  FROM subjects
  WHERE $code IS NULL OR code = $code
  ORDER BY code`;

/** Every subject, or the one with this code, with its chapters and topics, in the order of the syllabus. */
export const subjects = (db: Database, code: string | null = null): readonly z.output<typeof Subject>[] =>
  db.all(SubjectRow, SUBJECTS, { code });
