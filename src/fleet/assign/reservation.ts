import { hash } from 'node:crypto';
import { z } from 'zod';
import { MAX_RESERVE_SECONDS } from '../../config/assign';

/** Which relay a task has. */
export interface Reservation {
  readonly server: string;
  /** For how long it was asked for, at most; a task that asks again has it for as long again. */
  readonly seconds: number;
  /** Milliseconds since the epoch, by the clock of the agent that made it. */
  readonly until: number;
}

const MAX_BYTES = 1024;

const schema = z.object({
  server: z.string().min(1).max(128),
  seconds: z.number().min(1).max(MAX_RESERVE_SECONDS),
  until: z.number(),
});

/**
 * The name of a task's node. Short, since the names of all that a session holds count against a limit; two of a million
 * tasks share one with a chance of 1 to 37 million, and then a relay.
 */
export function taskId(task: string): string {
  return hash('sha256', task, 'hex').slice(0, 16);
}

export function encodeReservation({ server, seconds, until }: Reservation): Buffer {
  return Buffer.from(JSON.stringify({ server, seconds, until }));
}

/** undefined for what is none, or ends later than any can. `now`: milliseconds since the epoch. */
export function decodeReservation(data: Buffer, now: number): Reservation | undefined {
  if (data.length > MAX_BYTES) return undefined;
  const found = schema.safeParse(parseJson(data.toString())).data;
  return found && found.until <= now + 2 * MAX_RESERVE_SECONDS * 1000 ? found : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
