import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** A small server that answers as a test wants, and keeps what it was asked. */
export interface ApiServer {
  readonly url: string;
  readonly port: number;
  /** `GET /v1/usage?limit=1`, in order. */
  readonly asked: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
}

const running: (Server | TlsServer)[] = [];

export async function apiServer(answer: Answer, tls?: { key: string; cert: string }): Promise<ApiServer> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    authorizations.push(request.headers.authorization);
    answer(request, response, new URL(request.url ?? '', 'http://api'));
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http${tls ? 's' : ''}://127.0.0.1:${port}`, port, asked, authorizations };
}

/** For `afterEach`. */
export async function closeServers(): Promise<void> {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
