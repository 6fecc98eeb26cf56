import type { Command } from 'commander';
import { addCredentials } from './credentials';
import { addDrain } from './drain';
import { addRelays } from './relays';
import { addSessions } from './sessions';
import type { Terminal } from './terminal';
import { addUsage } from './usage';

/** The commands that ask a running agent; `exit` learns the exit status. */
export function addClientCommands(program: Command, terminal: Terminal, exit: (status: number) => void): void {
  addCredentials(program, terminal, exit);
  addSessions(program, terminal, exit);
  addUsage(program, terminal);
  addRelays(program, terminal);
  addDrain(program, terminal, exit);
}
