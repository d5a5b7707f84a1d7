import { type Database, type Random, numbered } from '../../kit/index.js';
import { kept } from './passwords.js';

/** Of every user of the samples. */
export const PASSWORD = 'flying';

const USERS = 240;

const given = [
  'Ada',
  'Bruno',
  'Carmen',
  'Dmitri',
  'Elif',
  'Felix',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Katarina',
  'Liam',
  'Maja',
  'Noah',
  'Olivia',
  'Pablo',
  'Renée',
  'Sofia',
  'Tomás',
  'Yara',
] as const;
const family = [
  'Almeida',
  'Bergström',
  'Carvalho',
  'Dubois',
  'Eriksson',
  'Fischer',
  'García',
  'Hansen',
  'Ivanov',
  'Jansen',
  'Keller',
  'Lindqvist',
  'Moreau',
  'Novák',
  'O’Brien',
  'Petersen',
  'Rossi',
  'Schneider',
  'Torres',
  'Weber',
] as const;
const languages = ['en', 'de', 'fr', 'es', 'sv'] as const;

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2019, 0, 7);
const DAYS = 2_500;

const INSERT = `
  INSERT INTO users (id, name, email, language, member_since, password)
  VALUES ($id, $name, $email, $language, $memberSince, $password)`;

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();

/** Users u-0001 to u-0240, no two with one address, all with one password. */
export function seedUsers(db: Database, random: Random): void {
  const names = random.shuffled(given.flatMap((first) => family.map((last) => [first, last] as const))).slice(0, USERS);
  const password = kept(PASSWORD); // once for all of them: the first start would take seconds longer
  names.forEach(([first, last], i) => {
    db.run(INSERT, {
      id: numbered('u', i + 1),
      name: `${first} ${last}`,
      email: `${plain(first)}.${plain(last)}@example.org`,
      language: random.pick(languages),
      memberSince: new Date(FIRST_DAY + random.int(0, DAYS) * DAY_MS).toISOString().slice(0, 10),
      password,
    });
  });
}
