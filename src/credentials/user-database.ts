import { join } from 'node:path';
import type { Config } from '../config/schema';

/** How turnadmin is told where coturn's user database is. */
export interface UserDatabase {
  /** The flag and its value, as turnadmin (4.6.1, 4.17.1) takes them. */
  readonly flag: readonly [string, string];
  /** The file, where it is one. */
  readonly file: string | undefined;
}

/** By keys of turnserver.conf. */
const FLAGS: readonly (readonly [key: string, flag: string])[] = [
  ['psql-userdb', '-e'],
  ['mysql-userdb', '-M'],
  ['mongo-userdb', '-J'],
  ['redis-userdb', '-N'],
];

/** The database that coturn uses with this configuration: that of `coturn.extra`, or its own file in the data directory. */
export function userDatabase({ coturn, dataDir }: Pick<Config, 'coturn' | 'dataDir'>): UserDatabase {
  for (const [key, flag] of FLAGS) {
    const value = coturn.extra[key];
    if (typeof value === 'string') return { flag: [flag, value], file: undefined };
  }
  const other = coturn.extra['userdb'];
  const file = typeof other === 'string' ? other : join(dataDir, 'turndb');
  return { flag: ['-b', file], file };
}
