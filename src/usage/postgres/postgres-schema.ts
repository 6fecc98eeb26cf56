import type { UsageRecord } from '../../turn/usage-record';
import { COLUMNS, valuesOf } from '../usage-columns';

/** Numbers of advisory locks; any two that nobody else in the database uses. */
export const LOCK = { migrate: 7_114_001, append: 7_114_002 };

/** Each brings the tables from one version to the next; none is ever changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE turnkeeper_usage (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    server text NOT NULL,
    realm text NOT NULL,
    user_id text NOT NULL,
    username text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    duration_ms bigint NOT NULL,
    allocations integer NOT NULL,
    relayed boolean NOT NULL,
    client_received_bytes bigint NOT NULL,
    client_received_packets bigint NOT NULL,
    client_sent_bytes bigint NOT NULL,
    client_sent_packets bigint NOT NULL,
    peer_received_bytes bigint NOT NULL,
    peer_received_packets bigint NOT NULL,
    peer_sent_bytes bigint NOT NULL,
    peer_sent_packets bigint NOT NULL,
    transports text NOT NULL,
    end_reason text NOT NULL,
    settled text NOT NULL
  );
  CREATE INDEX turnkeeper_usage_ended_at ON turnkeeper_usage (ended_at);
  CREATE INDEX turnkeeper_usage_user ON turnkeeper_usage (user_id, ended_at);
  COMMENT ON TABLE turnkeeper_usage IS 'One row a TURN session, written by turnkeeper when it has ended, and never changed';
  COMMENT ON COLUMN turnkeeper_usage.place IS 'Order of arrival';
  COMMENT ON COLUMN turnkeeper_usage.id IS 'Unique among all agents';
  COMMENT ON COLUMN turnkeeper_usage.user_id IS 'The user name without the expiry of its credential';
  COMMENT ON COLUMN turnkeeper_usage.duration_ms IS 'By a clock that never steps, so it may differ from ended_at - started_at';
  COMMENT ON COLUMN turnkeeper_usage.relayed IS 'Whether any peer traffic passed';
  COMMENT ON COLUMN turnkeeper_usage.client_received_bytes IS 'What the relay received from the client';
  COMMENT ON COLUMN turnkeeper_usage.peer_sent_bytes IS 'What the relay sent to peers';
  COMMENT ON COLUMN turnkeeper_usage.transports IS 'udp, tcp, tls, dtls; separated by spaces';
  COMMENT ON COLUMN turnkeeper_usage.settled IS 'exact; recovered: the agent was away; estimated: coturn died first';
  `,
  `
  CREATE TABLE turnkeeper_agent (
    agent text PRIMARY KEY,
    server text NOT NULL,
    registry_id text NOT NULL,
    beat bigint GENERATED ALWAYS AS IDENTITY,
    beat_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE turnkeeper_open (
    LIKE turnkeeper_usage,
    agent text NOT NULL REFERENCES turnkeeper_agent ON DELETE CASCADE,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id)
  ) WITH (fillfactor = 70);
  ALTER TABLE turnkeeper_open DROP COLUMN place;
  CREATE INDEX turnkeeper_open_agent ON turnkeeper_open (agent);
  ALTER TABLE turnkeeper_usage ADD COLUMN settled_by text;
  COMMENT ON TABLE turnkeeper_agent IS 'The agents of the fleet that share this database';
  COMMENT ON COLUMN turnkeeper_agent.agent IS 'What the ids of its sessions begin with';
  COMMENT ON COLUMN turnkeeper_agent.beat IS 'Another number each time it gives a sign of life';
  COMMENT ON TABLE turnkeeper_open IS 'Sessions under way: what becomes of them should their agent not come back';
  COMMENT ON COLUMN turnkeeper_usage.settled_by IS 'Another agent, for one that did not come back; its own record takes the place of this one';
  `,
];

const TYPES = {
  id: 'text',
  server: 'text',
  realm: 'text',
  user_id: 'text',
  username: 'text',
  started_at: 'float8',
  ended_at: 'float8',
  duration_ms: 'bigint',
  allocations: 'integer',
  relayed: 'integer',
  client_received_bytes: 'bigint',
  client_received_packets: 'bigint',
  client_sent_bytes: 'bigint',
  client_sent_packets: 'bigint',
  peer_received_bytes: 'bigint',
  peer_received_packets: 'bigint',
  peer_sent_bytes: 'bigint',
  peer_sent_packets: 'bigint',
  transports: 'text',
  end_reason: 'text',
  settled: 'text',
} as const satisfies Record<(typeof COLUMNS)[number], string>;

const names = COLUMNS.join(', ');
const arrays = COLUMNS.map((column, at) => `$${at + 1}::${TYPES[column]}[]`).join(', ');
const values = COLUMNS.map((column) => {
  if (column === 'started_at' || column === 'ended_at') return `to_timestamp(${column} / 1000)`;
  return column === 'relayed' ? 'relayed <> 0' : column;
}).join(', ');

/** `arraysOf` as rows of the tables' columns; `number` is their order. */
export const ROWS = `SELECT ${values} FROM unnest(${arrays}) WITH ORDINALITY AS rows (${names}, number)`;

/** Those whose id is there stay as they are. */
export const INSERT = `INSERT INTO turnkeeper_usage (${names}) ${ROWS} ORDER BY number ON CONFLICT (id) DO NOTHING`;

/** A record that another agent made gives way to the agent's own, which gets a place of its own: readers meet it again. */
export const GIVE_WAY = 'DELETE FROM turnkeeper_usage WHERE id = ANY($1) AND settled_by IS NOT NULL';

export const FORGET_OPEN = 'DELETE FROM turnkeeper_open WHERE id = ANY($1)';

/** An array a column: the parameters of `ROWS`. */
export function arraysOf(records: readonly UsageRecord[]): unknown[][] {
  const rows = records.map(valuesOf);
  return COLUMNS.map((_, at) => rows.map((row) => storable(row[at])));
}

/** PostgreSQL's texts hold no NUL. */
function storable(value: string | number | undefined): string | number | undefined {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value;
}
