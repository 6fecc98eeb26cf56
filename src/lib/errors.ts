/** What a machine can tell errors apart by; each stands for one HTTP status and one exit status. */
export type ErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'too_many'
  | 'unavailable'
  | 'bad_config'
  | 'internal';

/** An error that a user may see: its message is a sentence that says what to do next. */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The sentence of any thrown value, for a log line. */
export function messageOf(error: unknown): string {
  return textAt(error, 'message') ?? String(error);
}

/** The `code` of a Node.js system error (`ENOENT`, `EADDRINUSE`, ...), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return textAt(error, 'code');
}

/** Asks for no `instanceof Error`: the errors of another realm (vm, jest's sandbox) are instances of its own class. */
function textAt(error: unknown, key: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value = (error as Record<string, unknown>)[key];
  return typeof value === 'string' ? value : undefined;
}
