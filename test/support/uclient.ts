import { once } from 'node:events';
import type { AgentHome } from './agent';

/** How turnutils_uclient reaches the relay. */
export const UCLIENT_FLAGS = { udp: [], tcp: ['-t'], tls: ['-t', '-S'], dtls: ['-S'] } as const;
export type UclientTransport = keyof typeof UCLIENT_FLAGS;

export interface Traffic {
  readonly transport?: UclientTransport;
  /** Clients that send to each other in pairs. */
  readonly clients?: number;
  readonly messages?: number;
  readonly bytes?: number;
  /** Undefined: the agent is asked for one. */
  readonly credential?: { readonly username: string; readonly password: string };
  /** Between two messages of a client. */
  readonly everyMs?: number;
}

export interface Uclient {
  /** Resolves with its exit status when it has sent all. */
  readonly done: Promise<number | null>;
  stop(): Promise<void>;
}

/** Real TURN clients through the relay of this home, with a credential of its agent. */
export async function uclient(home: AgentHome, user: string, traffic: Traffic = {}): Promise<Uclient> {
  const { transport = 'udp', clients = 2, messages = 20, bytes = 200, everyMs = 5 } = traffic;
  const { username, password } = traffic.credential ?? (await home.credential(user));
  const port = transport === 'tls' || transport === 'dtls' ? home.ports.tls : home.ports.turn;
  const numbers = ['-m', clients, '-n', messages, '-l', bytes, '-z', everyMs, '-p', port].map(String);
  const args = ['-y', '-c', ...UCLIENT_FLAGS[transport], ...numbers, '-u', username, '-w', password, '127.0.0.1'];
  const child = home.spawnClient('turnutils_uclient', args);
  const done = once(child, 'exit').then(([status]) => status as number | null);
  return {
    done,
    stop: async () => {
      child.kill('SIGKILL');
      await done;
    },
  };
}
