import { COLUMNS } from '../usage-columns';

/**
 * Each brings the file from one version (`PRAGMA user_version`) to the next; none is ever changed. There is no index by
 * user: it would cost each record three times what all the rest does, and a scan of a million records takes a second.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE ledger (
    agent TEXT NOT NULL,
    run INTEGER NOT NULL,
    last_commit INTEGER NOT NULL
  ) STRICT;
  INSERT INTO ledger VALUES (lower(hex(randomblob(5))), 0, 0);
  CREATE TABLE blocks (
    number INTEGER NOT NULL,
    piece INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (number, piece)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE usage (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    server TEXT NOT NULL,
    realm TEXT NOT NULL,
    user_id TEXT NOT NULL,
    username TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    allocations INTEGER NOT NULL,
    relayed INTEGER NOT NULL,
    client_received_bytes INTEGER NOT NULL,
    client_received_packets INTEGER NOT NULL,
    client_sent_bytes INTEGER NOT NULL,
    client_sent_packets INTEGER NOT NULL,
    peer_received_bytes INTEGER NOT NULL,
    peer_received_packets INTEGER NOT NULL,
    peer_sent_bytes INTEGER NOT NULL,
    peer_sent_packets INTEGER NOT NULL,
    transports TEXT NOT NULL,
    end_reason TEXT NOT NULL,
    settled TEXT NOT NULL
  ) STRICT;
  CREATE INDEX usage_ended_at ON usage (ended_at);
  `,
  // The tables stay as they are, for a version that can't read the counts in the blocks to say that it is the older one.
  '',
];

/** Those whose id is there stay as they are. (`OR IGNORE` would leave out rows with a fault as well, and say nothing.) */
export const INSERT = `INSERT INTO usage (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (id) DO NOTHING`;
