import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { configSchema } from '../../../src/config/schema';
import type { CredentialIssuer } from '../../../src/credentials/issuer';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../../src/http/server';
import { systemClock } from '../../../src/lib/clock';
import { UserError } from '../../../src/lib/errors';
import { Reports, type ReportsOptions } from '../../../src/reports/reports';
import { UsageFeed } from '../../../src/usage/usage-feed';
import { testIssuer } from '../../support/issuer';

const started: HttpServer[] = [];
const opened: Socket[] = [];

export function httpServer(options: Partial<HttpServerOptions> = {}): HttpServer {
  const logger = pino({ enabled: false });
  const server = createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    scraper: { scrape: () => Promise.resolve({ body: '# EOF\n', contentType: 'text/plain' }) },
    readiness: () => ({ ready: true }),
    coturnState: () => 'coturn runs.',
    version: '0.0.0-test',
    clock: systemClock,
    credentials: credentialCalls(testIssuer('a-test-secret')),
    credentialLimits: { perKey: 'unlimited', perUser: 'unlimited', perAddress: 'unlimited' },
    reports: { reports: testReports(), settings: configSchema.parse({}).reports },
    cors: [],
    keys: [],
    allowPlaintext: false,
    usage: { records: () => nothing(), sums: () => nothing() },
    sessions: {
      list: () => ({ sessions: [], next: undefined }),
      find: () => undefined,
      end: () => Promise.reject(new UserError('not_found', 'there are no sessions')),
    },
    feed: new UsageFeed(),
    fleet: undefined,
    assignments: undefined,
    drain: servingDrain(),
    logger,
    ...options,
  });
  started.push(server);
  return server;
}

/** A relay that is in service, whatever it is told. */
function servingDrain(): HttpServerOptions['drain'] {
  const progress = { state: 'serving', allocations: 0, sessions: 0 } as const;
  return {
    begin: () => Promise.resolve(progress),
    undo: () => Promise.resolve(progress),
    progress: () => progress,
  };
}

/** Reports that fit no session. */
export function testReports(relayedOf: ReportsOptions['relayedOf'] = () => undefined): Reports {
  return new Reports({ relayedOf, intervalMs: 20_000, clock: systemClock });
}

async function* nothing(): AsyncGenerator<never> {
  yield* await Promise.resolve([]);
}

/** What a server does with credentials; nothing is really rotated, and nobody revoked. */
export function credentialCalls(issuer: CredentialIssuer): HttpServerOptions['credentials'] {
  return {
    issuer,
    audit: { record: () => undefined },
    rotate: () => Promise.resolve({ acceptedUntil: Date.UTC(2030, 0, 1) }),
    revoke: (user, until, rotated) => {
      const blockedUntil = new Date(until).toISOString();
      const usableUntil = rotated ? null : blockedUntil;
      return Promise.resolve({ user, blockedUntil, sessions: 0, allocations: 0, usableUntil, rotated, fleet: 'none' });
    },
  };
}

/** A server on a free port; `closeAll` stops it. */
export async function startServer(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = httpServer(options);
  await server.start();
  return server;
}

/** For `afterEach`: also after a test that failed half way. */
export async function closeAll(): Promise<void> {
  for (const socket of opened.splice(0)) socket.destroy();
  for (const server of started.splice(0)) await server.stop();
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

interface Asked extends RequestOptions {
  readonly body?: string | Buffer;
}

/** A request as it is said: no header is added but Host and Content-Length, and nothing is decoded. */
export function ask(url: string, { body, ...options }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, { agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text: whole.toString() });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The `error` of a JSON error answer. */
export function errorOf(answer: Answer): { code: string; message: string } {
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  const { error } = JSON.parse(answer.text) as { error: { code: string; message: string } };
  return error;
}

/** A bare connection, and all that comes back until the server closes it. */
export function rawConnection(server: HttpServer): { socket: Socket; received: Promise<string> } {
  const { host, port } = server.address();
  const socket = connect(port, host);
  opened.push(socket);
  socket.on('error', () => undefined);
  const received = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('close', () => {
      resolve(text);
    });
  });
  return { socket, received };
}
