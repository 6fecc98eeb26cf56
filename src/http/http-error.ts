import { UserError, type ErrorCode } from '../lib/errors';

/** What an HTTP client is told when its request fails. */
export interface HttpError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUS: Record<ErrorCode, number> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  unavailable: 503,
  // A mistake of the operator, not of the client, who is told no more than of a bug.
  bad_config: 500,
  internal: 500,
};

const INTERNAL: HttpError = { status: 500, code: 'internal', message: 'internal error' };

/** Errors that only HTTP has: an unknown method, a media type that is not taken. */
export class RequestError extends Error implements HttpError {
  override readonly name = 'RequestError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export function toHttpError(error: unknown): HttpError {
  if (error instanceof RequestError) return error;
  if (error instanceof UserError) {
    const status = STATUS[error.code];
    return status === 500 ? INTERNAL : { status, code: error.code, message: error.message };
  }
  return fromParser(error) ?? INTERNAL;
}

/** What body-parser 2 and Express' router throw has a `type`, a 4xx `status`, or both (the http-errors package). */
function fromParser(error: unknown): HttpError | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  if (status === 413) return TOO_LARGE;
  if (status === 415) {
    return {
      status,
      code: 'unsupported_media_type',
      message: 'Send the body as UTF-8 JSON without a Content-Encoding.',
    };
  }
  const notJson = 'type' in error && error.type === 'entity.parse.failed';
  const message = notJson ? 'The body is not valid JSON.' : 'The request could not be read.';
  return { status: 400, code: 'bad_request', message };
}

export const MAX_BODY_BYTES = 16 * 1024;
export const TOO_LARGE: HttpError = {
  status: 413,
  code: 'too_large',
  message: `A request body may have ${MAX_BODY_BYTES} bytes at most.`,
};

/** The body of every error answer. */
export function errorBody(error: Pick<HttpError, 'code' | 'message'>): string {
  return `${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`;
}
