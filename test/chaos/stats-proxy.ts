import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Link {
  readonly coturn: Socket;
  readonly agent: Socket;
}

/**
 * Stands on coturn's way to the agent's stats endpoint, so that the way can be broken while both ends live. Where the
 * agent does not listen, coturn's connections are closed at once.
 */
export class StatsProxy {
  private readonly links = new Set<Link>();
  private server: Server | undefined;
  private torn = false;

  constructor(
    readonly port: number,
    private readonly agentPort: number,
  ) {}

  async open(): Promise<void> {
    if (this.server) return;
    const server = createServer((coturn) => {
      this.link(coturn);
    });
    this.server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  /** Breaks what there is with a reset, and refuses what comes until `open`. */
  close(): void {
    this.server?.close();
    this.server = undefined;
    this.cut();
  }

  /** Breaks what there is with a reset. */
  cut(): void {
    for (const { coturn, agent } of this.links) {
      coturn.resetAndDestroy();
      agent.resetAndDestroy();
    }
    this.links.clear();
    this.torn = false;
  }

  /** Until `cut`: of the next that a connection brings only a half arrives, and it breaks. */
  tear(): void {
    this.torn = true;
  }

  /** What coturn says goes nowhere, until `cut`: then what was under way is lost. */
  stall(): void {
    for (const { coturn } of this.links) {
      coturn.unpipe();
      coturn.pause();
    }
  }

  private link(coturn: Socket): void {
    const agent = connect({ port: this.agentPort, host: '127.0.0.1', noDelay: true });
    const link = { coturn, agent };
    this.links.add(link);
    const over = (): void => {
      this.links.delete(link);
      coturn.destroy();
      agent.destroy();
    };
    for (const socket of [coturn, agent]) socket.on('error', over).on('close', over);
    coturn.prependListener('data', (data: Buffer) => {
      if (!this.torn) return;
      coturn.unpipe();
      agent.end(data.subarray(0, data.length / 2), over);
    });
    coturn.pipe(agent).pipe(coturn);
  }
}
