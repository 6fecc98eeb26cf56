import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock';

/** The sockets and requests of a server, so that it can be closed whatever its clients do. */
export class Connections {
  private readonly sockets = new Set<Socket>();
  private readonly answering = new Set<ServerResponse>();
  private onIdle: (() => void) | undefined;

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('request', (_request, response: ServerResponse) => {
      this.answering.add(response);
      response.on('close', () => {
        this.answering.delete(response);
        if (this.answering.size === 0) this.onIdle?.();
      });
    });
  }

  /** Accepts nothing more, lets the requests under way end within the deadline, and closes every connection. */
  async close(deadlineMs: number, clock: Clock): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const response of this.answering) if (!response.headersSent) response.setHeader('Connection', 'close');
    await this.idle(deadlineMs, clock);
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async idle(deadlineMs: number, clock: Clock): Promise<void> {
    if (this.answering.size === 0) return;
    const deadline = new AbortController();
    const late = clock.sleep(deadlineMs, deadline.signal).catch(() => undefined);
    await Promise.race([late, new Promise<void>((resolve) => (this.onIdle = resolve))]);
    deadline.abort();
  }
}
