import { z } from 'zod';
import { User, auth } from '#contracts/products/auth/v1.js';
import { type Database, type ProductDefinition, serve } from '../../kit/index.js';
import { isPassword, kept } from './passwords.js';
import { PASSWORD, seedUsers } from './seed.js';
import { issueToken, makeKey, publicKeys } from './tokens.js';

const USER = 'SELECT id, name, email, language, member_since AS memberSince FROM users';
const findUser = (db: Database, id: string): z.output<typeof User> | undefined => db.one(User, `${USER} WHERE id = $id`, { id });

const Login = z.object({ id: z.string(), password: z.string() });
const LOGIN = 'SELECT id, password FROM users WHERE email = $email AND password IS NOT NULL';

/** Who the users of all products are. */
export const authProduct: ProductDefinition = {
  name: 'auth',
  port: 4101,
  keyVariable: 'AUTH_API_KEY',
  migrations: [
    `CREATE TABLE users (
       id TEXT PRIMARY KEY,
       name TEXT NOT NULL,
       email TEXT NOT NULL UNIQUE,
       language TEXT NOT NULL,
       member_since TEXT NOT NULL
     ) STRICT, WITHOUT ROWID`,
    'CREATE TABLE keys (kid TEXT PRIMARY KEY, jwk TEXT NOT NULL, made_at TEXT NOT NULL) STRICT',
    (db) => {
      db.exec('ALTER TABLE users ADD COLUMN password TEXT');
      db.run('UPDATE users SET password = $password', { password: kept(PASSWORD) }); // those who were there before
    },
  ],
  seed(db, random) {
    seedUsers(db, random);
    makeKey(db);
  },
  serves: [
    serve(auth, {
      getUser({ input, db, fail }) {
        const user = findUser(db, input.id);
        if (user === undefined) throw fail('userNotFound');
        return user;
      },
      listUsers: ({ input, db }) => ({
        users: db.all(User, `${USER} WHERE id IN (SELECT value FROM json_each($ids))`, { ids: JSON.stringify(input.ids) }),
      }),
      async issueToken({ input: { email, password, client, audience }, db, fail }) {
        const login = db.one(Login, LOGIN, { email: email.toLowerCase() });
        // Which of the two was wrong is nobody's business, and not to be told from the time it takes.
        if (!(await isPassword(password, login?.password)) || login === undefined) throw fail('loginFailed');
        return issueToken(db, { user: login.id, client, audience });
      },
      getKeys: ({ db }) => ({ keys: publicKeys(db) }),
    }),
  ],
};
