import type { UsageRecord } from '../../turn/usage-record';

/** An agent, as others of its fleet know it. */
export interface AgentName {
  /** Of its ledger: what the ids of its sessions begin with. */
  readonly agent: string;
  /** Its relay's name in the registry, and the id in its node there. No two agents have both alike. */
  readonly server: string;
  readonly registryId: string;
}

/** A sign of life; `beat` is another one each time. */
export interface Beat extends AgentName {
  readonly beat: string;
}

/**
 * The sessions that are open in the fleet, in the database that it shares. Every call may reject with a UserError
 * `unavailable`; then nothing of it was done, or its answer was lost, and it may be made again.
 */
export interface SharedSessions {
  /**
   * A sign of life. `new`: nobody knows the agent (any more), so nothing of its sessions is there. What an earlier
   * ledger of the same agent left is dropped: its sessions go on under other ids.
   */
  beat(agent: AgentName): Promise<'known' | 'new'>;
  /** What open sessions would be recorded as. One that has its agent's own record is left out. After a `beat`. */
  publish(agent: string, records: readonly UsageRecord[]): Promise<void>;
  /** Of all agents. */
  beats(): Promise<readonly Beat[]>;
  /**
   * Makes records of some open sessions of an agent that has given no sign of life since; of each once, whoever else
   * tries. `isOver`: there are none left, or it has come back. A session that has a record of its own agent keeps it.
   */
  settleSome(gone: Beat, by: string): Promise<{ readonly settled: number; readonly isOver: boolean }>;
  /** The agent ends. Where nothing of it is open, it is forgotten. */
  leave(agent: string): Promise<void>;
  close(): Promise<void>;
}
