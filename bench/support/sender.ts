import type { ChildProcess } from 'node:child_process';
import type { StreamOptions } from './coturn-stream';
import { ask, startProgram } from './program';
import type { Stage } from './stage';

/** What came of sending a stream. */
export interface Sent {
  readonly commands: number;
  /** Of them, PUBLISH. */
  readonly events: number;
  /** From the first byte sent until the last command was answered. */
  readonly seconds: number;
  /** Which part of this time the sender itself was busy: near 1, it is the sender that was measured. */
  readonly senderBusy: number;
}

/** Sends streams of coturn's commands over one connection, pipelined as coturn does, from a process of its own. */
export class Sender {
  /** So far. */
  commands = 0;
  events = 0;
  /** The most that it was. */
  busy = 0;
  private readonly program: ChildProcess;

  constructor(stage: Stage, port: number) {
    this.program = startProgram(stage, 'sender', String(port));
  }

  async send(stream: StreamOptions): Promise<Sent> {
    const sent = await ask<Sent>(this.program, stream);
    this.commands += sent.commands;
    this.events += sent.events;
    this.busy = Math.max(this.busy, sent.senderBusy);
    return sent;
  }
}
