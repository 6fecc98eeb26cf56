import type { RpcClient } from './rpc-client';

/** A REPL that a component opened for us; it stays, with its context, until it is closed. */
export interface RovSession {
  /** The component's name on the exchange. */
  readonly to: string;
  readonly id: number;
}

/** licode's own time-out (`common/amqper.js`). */
export const TIMEOUT_MS = 5_000;
/** An answer to a close is for our own records only. */
const CLOSE_TIMEOUT_MS = 1_000;
/** A close is the one call that should arrive even if its component hangs for a while. */
const CLOSE_KEEP_MS = 60_000;
/** More sessions whose close nobody confirmed are not remembered. */
const MAX_OPEN = 10_000;

/**
 * Sessions of the ROV protocol (licode `common/ROV/rovReplManager.js`): `rovMessage` with `{action: 'open'}` is answered
 * with a whole number, with `{action: 'command', id, message}` by what the REPL printed (10 ms after its last output,
 * `rpcDuplexStream.js`), with `{action: 'close', id}` by whether it was open. Answers of one session carry no mark of their
 * question and a command that prints nothing is never answered: so one question at a time, and after a time-out no more.
 */
export class RovSessions {
  private readonly open = new Set<RovSession>();

  /** undefined when the component opened none. */
  async openIn(rpc: RpcClient, to: string): Promise<RovSession | undefined> {
    const onLate = (data: unknown): void => {
      const session = this.opened(to, data);
      if (session) void this.close(rpc, session);
    };
    const outcome = await rpc.call(rovMessage(to, { action: 'open' }), { timeoutMs: TIMEOUT_MS, onLate });
    return outcome.kind === 'answer' ? this.opened(to, outcome.data) : undefined;
  }

  /** What the component printed; undefined when it did not answer. */
  async ask(
    rpc: RpcClient,
    { to, id }: RovSession,
    message: string,
    onLate?: (data: unknown) => void,
  ): Promise<{ data: unknown } | undefined> {
    const options = { timeoutMs: TIMEOUT_MS, ...(onLate && { onLate }) };
    const outcome = await rpc.call(rovMessage(to, { action: 'command', id, message }), options);
    return outcome.kind === 'answer' ? outcome : undefined;
  }

  async close(rpc: RpcClient, session: RovSession): Promise<void> {
    const { to, id } = session;
    const options = { timeoutMs: CLOSE_TIMEOUT_MS, keepMs: CLOSE_KEEP_MS, onLate: () => this.open.delete(session) };
    const outcome = await rpc.call(rovMessage(to, { action: 'close', id }), options);
    if (outcome.kind !== 'unanswered') this.open.delete(session);
  }

  /** Sessions whose close nobody confirmed; a component that started again has another name, and other sessions. */
  get left(): readonly RovSession[] {
    return [...this.open];
  }

  private opened(to: string, id: unknown): RovSession | undefined {
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return undefined;
    const session = { to, id };
    const [oldest] = this.open;
    if (this.open.size >= MAX_OPEN && oldest) this.open.delete(oldest);
    this.open.add(session);
    return session;
  }
}

function rovMessage(to: string, message: { action: string; id?: number; message?: string }) {
  return { to, method: 'rovMessage', args: [message] };
}
