import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { UserError, type ErrorCode } from '../../lib/errors';
import type { ApiAddress } from './address';
import { brokenOff, connectionFailure } from './connection-failure';
import { request } from './http-request';
import { KEY_VARIABLE } from './key';

export type Parameters = Readonly<Record<string, string | undefined>>;
type Chunks = AsyncIterable<Uint8Array>;

interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly parameters?: Parameters;
  /** JSON. */
  readonly body?: string;
}

/** A page of 1000 sessions with hundreds of allocations each; more is not what the API answers. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 16 * 1024;

const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Asks a running agent. Every failure is a UserError; the API's own message is passed on. */
export class ApiClient {
  constructor(
    private readonly address: ApiAddress,
    private readonly key: string | undefined,
  ) {}

  get<T>(path: string, schema: z.ZodType<T>, parameters: Parameters = {}): Promise<T> {
    return this.json({ method: 'GET', path, parameters }, schema);
  }

  post<T>(path: string, schema: z.ZodType<T>, body: object): Promise<T> {
    return this.json({ method: 'POST', path, body: JSON.stringify(body) }, schema);
  }

  delete<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.json({ method: 'DELETE', path }, schema);
  }

  /** The answer's bytes as they come. Throws in the middle where the connection breaks before the end. */
  async stream(path: string, parameters: Parameters): Promise<Chunks> {
    return bodyOf(await this.ask({ method: 'GET', path, parameters }));
  }

  private async json<T>(question: Question, schema: z.ZodType<T>): Promise<T> {
    const text = await textOf(bodyOf(await this.ask(question)), MAX_JSON_BYTES);
    return understand(jsonOf(text), schema);
  }

  private async ask({ method, path, parameters = {}, body }: Question): Promise<IncomingMessage> {
    const { certificate } = this.address;
    const url = new URL(this.address.url);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = {
      ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const answer = await request(url, { method, headers, body, certificate }).catch((error: unknown) => {
      throw connectionFailure(error, url);
    });
    // A redirect isn't followed: it could lead the key elsewhere.
    if (answer.statusCode !== 200 && answer.statusCode !== 201) throw await refusalOf(answer, url);
    return answer;
  }
}

/** Reads what the agent said. Throws UserError where it is not what this version knows. */
export function understand<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = 'The answer is not one of turnkeeper, or of another version: check --url and turnkeeper --version.';
  throw new UserError('internal', message);
}

/** undefined where the text is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* bodyOf(answer: IncomingMessage): Chunks {
  try {
    yield* answer as AsyncIterable<Buffer>; // which throws where the connection ends before the answer does
  } catch (error) {
    throw brokenOff(error);
  }
}

async function textOf(chunks: Chunks, limit: number): Promise<string> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) throw new UserError('too_large', 'The answer is too large to be one of turnkeeper: check --url.');
    kept.push(chunk);
  }
  return Buffer.concat(kept).toString();
}

async function refusalOf(answer: IncomingMessage, url: URL): Promise<UserError> {
  const text = await textOf(bodyOf(answer), MAX_ERROR_BYTES).catch(() => '');
  const parsed = errorBody.safeParse(jsonOf(text));
  const { statusCode: status = 0 } = answer;
  const said = parsed.success
    ? parsed.data.error.message
    : `${url.origin} answered with status ${status}: check --url.`;
  return new UserError(CODES[status] ?? 'unavailable', `${said}${hintFor(status)}`);
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  429: 'too_many',
};

function hintFor(status: number): string {
  return status === 401 || status === 403 ? ` (an API key comes from ${KEY_VARIABLE} or --key-file)` : '';
}
