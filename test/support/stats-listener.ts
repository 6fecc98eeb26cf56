import { createServer, type Socket } from 'node:net';

export interface StatsListener {
  /** Allocations that are open: their totals have not come. */
  readonly open: Set<string>;
  /** Allocations whose `total_traffic` of both legs came. */
  readonly settled: Set<string>;
  close(): Promise<void>;
}

/** As much of Redis as a test needs to see which allocations coturn opens and settles. */
export function listenForStats(port: number): Promise<StatsListener> {
  const open = new Set<string>();
  const settled = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let rest = '';
    socket.on('data', (bytes) => {
      const lines = (rest + bytes.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      lines.filter((line) => line.startsWith('*')).forEach(() => socket.write('+OK\r\n'));
      for (const [i, line] of lines.entries()) note(line, lines[i + 2] ?? '');
    });
  });
  /** A channel and, two lines on, its message; a pair that is cut in two by the transport is seen in the next one. */
  function note(channel: string, message: string): void {
    const match = /\/allocation\/(\d{18})\/(status|total_traffic\/peer)$/.exec(channel);
    if (!match?.[1]) return;
    if (message.startsWith('new ')) open.add(match[1]);
    if (match[2] !== 'total_traffic/peer') return;
    open.delete(match[1]);
    settled.add(match[1]);
  }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const socket of sockets) socket.destroy();
    });
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => {
      resolve({ open, settled, close });
    }),
  );
}
