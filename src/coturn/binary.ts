import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemCode, UserError } from '../lib/errors';
import { coturnEnvironment } from './environment';

const run = promisify(execFile);

export interface CoturnBinary {
  /** `4.6.1` */
  readonly version: string;
  readonly knows: (option: string) => boolean;
}

/**
 * Asks turnserver itself what it is: versions differ in the options that they know and need. It takes about 10 ms, and is
 * done before each start, because a package upgrade changes the binary. Throws UserError where there is no turnserver.
 */
export async function askBinary(binary: string): Promise<CoturnBinary> {
  const [version, help] = await Promise.all([ask(binary, '--version'), ask(binary, '-h')]);
  const number = /^(\d+\.\d+[\w.-]*)$/m.exec(version)?.[1];
  if (number === undefined) {
    throw new UserError(
      'bad_config',
      `${binary} does not look like coturn's turnserver: set coturn.binary to the right one.`,
    );
  }
  const options = optionsOf(help);
  return { version: number, knows: (option) => options.has(option) };
}

/** The long options at the beginnings of the lines of `turnserver -h`. */
export function optionsOf(help: string): ReadonlySet<string> {
  return new Set(Array.from(help.matchAll(/^\s*(?:-\w,?\s+)*--([A-Za-z][\w-]*)/gm), (match) => match[1] ?? ''));
}

async function ask(binary: string, option: string): Promise<string> {
  try {
    const options = { env: coturnEnvironment(process.env), timeout: 5000, maxBuffer: 1 << 20 };
    const { stdout, stderr } = await run(binary, [option], options);
    return stdout + stderr;
  } catch (error) {
    throw unusable(binary, error);
  }
}

function unusable(binary: string, error: unknown): UserError {
  switch (systemCode(error)) {
    case 'ENOENT':
      return new UserError(
        'bad_config',
        `coturn is not installed: there is no program ${binary}. Install the coturn package (apt-get install coturn), or set coturn.binary.`,
      );
    case 'EACCES':
      return new UserError(
        'bad_config',
        `${binary} is not an executable program: set coturn.binary to coturn's turnserver.`,
      );
    default:
      return new UserError(
        'bad_config',
        `${binary} could not be asked for its version: set coturn.binary to coturn's turnserver.`,
        {
          cause: error,
        },
      );
  }
}
