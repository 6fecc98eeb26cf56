import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, systemCode, UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { makeSecret } from '../lib/make-secret';
import { writeFileAtomically } from '../lib/write-file-atomically';
import type { Config } from './schema';
import type { Secrets } from './secrets';

const FILE_NAME = 'secrets.json';
const OTHERS_MAY = 0o077;

const made = z.string().min(16);
/** A file of an older version may lack one, and one of a newer version may hold more: neither is lost. */
const storedSchema = z.looseObject({
  statsdbPassword: made.optional(),
  cliPassword: made.optional(),
  authSecret: made.optional(),
});
type Stored = z.output<typeof storedSchema>;

export function secretsFile(dataDir: string): string {
  return join(dataDir, FILE_NAME);
}

/**
 * The secrets of a data directory, made where they are missing; those of the configuration go before them and are
 * never written. Call it only while holding the data directory's lock: two agents could make different ones.
 * Throws a UserError when the file can't be used, and leaves it as it is.
 */
export async function loadSecrets(config: Config, logger: Logger): Promise<Secrets> {
  const file = secretsFile(config.dataDir);
  const stored = await explained(file, () => readOrMake(file, logger));
  return {
    ...stored,
    statsdbPassword: config.sources.statsdb.password ?? stored.statsdbPassword,
    authSecret: config.credentials.secret ?? stored.authSecret,
  };
}

async function readOrMake(file: string, logger: Logger): Promise<Secrets> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const stored = await readStored(file, logger);
  const { statsdbPassword = makeSecret(), cliPassword = makeSecret(), authSecret = makeSecret() } = stored;
  const secrets = { statsdbPassword, cliPassword, authSecret };
  const isComplete = Object.keys(secrets).every((name) => name in stored);
  if (!isComplete) await writeFileAtomically(file, `${JSON.stringify({ ...stored, ...secrets }, null, 2)}\n`);
  return secrets;
}

async function readStored(file: string, logger: Logger): Promise<Stored> {
  const text = await readIfThere(file);
  if (text === undefined) return {};
  await tighten(file, logger);
  const parsed = storedSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(
    'bad_config',
    `${file} does not hold the secrets that it should: restore it from a backup, or move it away to have new ones made ` +
      '(credentials handed out before then stop working)',
  );
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's own message would quote the text
  }
}

async function tighten(file: string, logger: Logger): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & OTHERS_MAY) === 0) return;
  await chmod(file, 0o600);
  logger.warn({ file }, 'the secrets could be read by other users: the file is 0600 now; consider making new ones');
}

async function explained<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      'bad_config',
      `the secrets can't be kept in ${file} (${systemCode(error) ?? messageOf(error)}): ` +
        'check that this user may write to dataDir, and that its disk has room',
      { cause: error },
    );
  }
}
