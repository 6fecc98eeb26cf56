import { messageOf, systemCode, UserError } from '../lib/errors';
import { EXIT } from './terminal';
import { printable } from './text/printable';

/** By the system's codes: for what is no defect, but the state of this machine. Node.js' own message names the file. */
const ADVICE: Readonly<Record<string, string | undefined>> = {
  EACCES: 'change its owner or mode, so that this user may use it',
  EPERM: 'change its owner or mode, so that this user may use it',
  EROFS: 'its disk must not be read-only',
  ENOSPC: 'make room on its disk',
};

/** One line for an error that nothing else caught. That of a defect says where in the code it came from. */
export function describeFailure(error: unknown): string {
  if (error instanceof UserError) return oneLine(error.message);
  const advice = ADVICE[systemCode(error) ?? ''];
  if (advice !== undefined) return oneLine(`${messageOf(error)}: ${advice}.`);
  const frame = error instanceof Error ? error.stack?.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  return oneLine(`internal error: ${messageOf(error)}${frame === undefined ? '' : ` (${frame.trim()})`}`);
}

/** A configuration that turns out to be wrong only when it is used (a certificate, say) ends like one that is refused. */
export function exitStatusOf(error: unknown): number {
  return error instanceof UserError && error.code === 'bad_config' ? EXIT.usage : EXIT.failure;
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*[\r\n]+\s*/g, ' ')); // it may quote what another program sent
}
