import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { apiServer, closeServers } from './api-server';

const ROOT = join(__dirname, '../../..');
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await closeServers();
});

/** The program itself; its standard output is a pipe. */
function program(...args: string[]) {
  const loader = join(ROOT, 'test/support/register-typescript.js');
  const env = { PATH: process.env['PATH'] };
  const child = spawn(process.execPath, ['-r', loader, join(ROOT, 'src/main.ts'), ...args], { env });
  started.push(child);
  return child;
}

/** Rows without end, as fast as they are taken. */
function endless(response: ServerResponse): void {
  const rows = Buffer.from('x'.repeat(99).concat('\n').repeat(650));
  const go = (): void => {
    while (!response.destroyed) if (!response.write(rows)) return void response.once('drain', go);
  };
  go();
}

it('a pipe that nobody reads any more ends an export quietly, and the request with it', async () => {
  let closed = false;
  const { url } = await apiServer((_request, response) => {
    response.once('close', () => (closed = true));
    endless(response);
  });
  const child = program('usage', '--csv', '--url', url);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([141, null]);
  expect(stderr).toBe('');
  await eventually('the end of the request', () => closed);
});

it('Ctrl-C ends an export at once, whatever is under way', async () => {
  const { url } = await apiServer((_request, response) => {
    endless(response);
  });
  const child = program('usage', '--json', '--url', url);
  await once(child.stdout, 'readable'); // and nothing is read: it waits
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
});

it('everything has been written when the program ends, also to a slow pipe', async () => {
  const text = `${'y'.repeat(999)}\n`.repeat(1000);
  const { url } = await apiServer((_request, response) => response.end(text));
  const child = program('usage', '--json', '--url', url);
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    read += chunk.length;
    child.stdout.pause();
    setImmediate(() => child.stdout.resume());
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(read).toBe(text.length);
});
