import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';

/** A coturn, and programs that use it, on a loopback address of their own: no other program's ports are in the way. */
export class RunningCoturn {
  readonly ip = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  readonly minPort = 50_000;
  readonly maxPort = 50_099;
  private readonly folder = mkdtempSync(join(tmpdir(), 'turnkeeper-collectors-'));
  private readonly children: ChildProcess[] = [];
  readonly process = this.run(
    'turnserver',
    ...`-n -L ${this.ip} -p 3478 --min-port ${this.minPort} --max-port ${this.maxPort}`.split(' '),
    ...'-a -u u:p -r r --allow-loopback-peers --no-cli --no-tls --no-dtls --simple-log'.split(' '),
    ...['-b', join(this.folder, 'db'), '-l', join(this.folder, 'log'), '--pidfile', join(this.folder, 'pid')],
  );

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('coturn did not start');
    return this.process.pid;
  }

  run(program: string, ...args: string[]): ChildProcess {
    const child = spawn(program, args, { stdio: 'ignore', cwd: this.folder });
    this.children.push(child);
    return child;
  }

  /** Resolves when it takes clients. */
  async ready(): Promise<void> {
    await eventually('coturn takes clients', () => this.answers());
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(3478, this.ip);
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
  }

  async end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    for (const child of this.children.reverse()) await this.end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
