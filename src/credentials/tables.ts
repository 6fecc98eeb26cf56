import type { AcceptedTable } from './rotation';
import type { TurnAdmin } from './turn-admin';
import type { LongTermUser } from './user-issuer';

/** The secrets of REST credentials: any that is there is accepted (4.6.1, 4.17.1). */
export function secretTable(admin: Pick<TurnAdmin, 'secrets' | 'addSecret' | 'removeSecret'>): AcceptedTable<string> {
  return {
    holds: async () => {
      const there = new Set(await admin.secrets());
      return (secret) => there.has(secret);
    },
    add: (secret) => admin.addSecret(secret),
    remove: (secret) => admin.removeSecret(secret),
  };
}

/** Long-term users; the database holds no passwords, names are never given twice. */
export function userTable(admin: Pick<TurnAdmin, 'users' | 'addUser' | 'removeUser'>): AcceptedTable<LongTermUser> {
  return {
    holds: async () => {
      const there = new Set(await admin.users());
      return ({ name }) => there.has(name);
    },
    add: ({ name, password }) => admin.addUser(name, password),
    remove: ({ name }) => admin.removeUser(name),
  };
}
