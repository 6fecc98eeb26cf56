import { realpathSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { systemCode, UserError } from './errors';

/** Keeps a directory to one process until it is released, or until the process ends in whatever way. */
export interface DirectoryLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

const TRIES = 5;
const ANSWER_MS = 1000;
const MAX_ANSWER = 256;

/**
 * Takes the lock of a directory that exists. It is a socket in Linux' abstract namespace (unix(7)): the kernel frees the
 * name when its process dies, so that no stale lock is ever left. Processes in different network namespaces don't see each
 * other's. Throws UserError `conflict`, which names the holder.
 */
export async function lockDirectory(path: string, now: number): Promise<DirectoryLock> {
  const name = nameOf(path);
  const self: Holder = { pid: process.pid, since: new Date(now).toISOString() };
  for (let tries = 0; tries < TRIES; tries++) {
    const server = await listen(name, self);
    if (server) return { release: () => close(server) };
    const holder = await ask(name);
    if (holder !== 'gone') throw refusal(path, holder);
  }
  throw refusal(path, undefined);
}

/** Device and inode: the same directory by whatever path it is reached. */
function nameOf(path: string): string {
  const { dev, ino } = statSync(realpathSync(path));
  return `\0turnkeeper-${dev}:${ino}`;
}

/** Undefined when the name is taken. */
function listen(name: string, self: Holder): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(JSON.stringify(self));
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path: name, exclusive: true }, () => {
      resolve(server);
    });
  });
}

/** Who holds the name: `gone` when it was given up meanwhile, undefined when the holder does not say. */
function ask(name: string): Promise<Holder | 'gone' | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ path: name });
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > MAX_ANSWER) socket.destroy();
    });
    socket.on('error', (error) => {
      if (systemCode(error) === 'ECONNREFUSED') resolve('gone');
    });
    socket.on('close', () => {
      resolve(parseHolder(answer));
    });
  });
}

/** Anybody on the machine can listen on such a name, and say anything. */
function parseHolder(text: string): Holder | undefined {
  const match = /^\{"pid":(\d{1,10}),"since":"([\d:.TZ-]{20,30})"\}$/.exec(text);
  return match ? { pid: Number(match[1]), since: match[2] ?? '' } : undefined;
}

function refusal(path: string, holder: Holder | undefined): UserError {
  const who = holder ? `pid ${holder.pid}, since ${holder.since}` : 'it does not say its pid';
  return new UserError(
    'conflict',
    `Another turnkeeper uses the data directory ${path} (${who}): stop that one, or give this one another dataDir.`,
  );
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
