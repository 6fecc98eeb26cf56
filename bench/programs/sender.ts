/** Sends streams to a server of RESP on 127.0.0.1, over one connection. Argument: its port. See support/sender.ts. */
import { connect, type Socket } from 'node:net';
import { coturnStream, type StreamOptions } from '../support/coturn-stream';
import { PASSWORD } from '../support/password';
import type { Sent } from '../support/sender';

/** PING with this stands at the end of each stream: replies keep the order of the commands. */
const MARKER = 'the-end';
const END_OF_REPLIES = `${MARKER}\r\n`;

class Connection {
  private readonly socket: Socket;
  private tail = '';
  private answered = (): void => undefined;

  constructor(port: number) {
    const buffer = Buffer.alloc(65_536);
    const callback = (length: number): boolean => {
      this.read(buffer.toString('latin1', Math.max(0, length - END_OF_REPLIES.length), length));
      return true;
    };
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    this.socket.on('close', () => process.exit(1));
    this.socket.write(command('AUTH', PASSWORD) + command('select', '2'));
  }

  /** Resolves when the last command is answered. */
  send(chunks: readonly Buffer[]): Promise<void> {
    return new Promise((resolve) => {
      this.answered = resolve;
      this.write(chunks, 0);
    });
  }

  private write(chunks: readonly Buffer[], from: number): void {
    for (let at = from; at < chunks.length; at++) {
      if (this.socket.write(chunks[at] ?? '')) continue;
      this.socket.once('drain', () => {
        this.write(chunks, at + 1);
      });
      return;
    }
    this.socket.write(command('PING', MARKER));
  }

  private read(last: string): void {
    this.tail = (this.tail + last).slice(-END_OF_REPLIES.length);
    if (this.tail === END_OF_REPLIES) this.answered();
  }
}

function command(...args: string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

async function send(connection: Connection, options: StreamOptions): Promise<Sent> {
  const { chunks, commands, events } = coturnStream(options);
  const cpu = process.cpuUsage();
  const began = performance.now();
  await connection.send(chunks);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { commands, events, seconds, senderBusy: (user + system) / 1e6 / seconds };
}

const connection = new Connection(Number(process.argv[2]));
process.on('message', (options: StreamOptions) => {
  void send(connection, options).then((sent) => process.send?.(sent));
});
process.on('disconnect', () => process.exit());
