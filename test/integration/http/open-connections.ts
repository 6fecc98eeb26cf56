import { readFile } from 'node:fs/promises';
import type { HttpServer } from '../../../src/http/server';

const ESTABLISHED = '01';

/** How many connections the server's side holds open, as the kernel has it; the server listens on 127.0.0.1. */
export async function openConnections(server: HttpServer): Promise<number> {
  const local = `0100007F:${server.address().port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.filter(([, address, , state]) => address === local && state === ESTABLISHED).length;
}
