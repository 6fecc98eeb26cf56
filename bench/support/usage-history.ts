import { join } from 'node:path';
import { createLogger } from '../../src/lib/logger';
import type { UsageRecord } from '../../src/turn/usage-record';
import { createSqliteUsage } from '../../src/usage/sqlite/create';

const DAYS = 30;
const DAY_MS = 86_400_000;
const BATCH = 10_000;
const REALMS = ['turn.example.org', 'turn.example.net', 'meet.example.com'];
const TRANSPORTS: readonly UsageRecord['transports'][] = [['udp'], ['udp'], ['udp', 'tcp'], ['tls']];

export interface History {
  readonly records: number;
  readonly users: number;
}

/** Fills a data directory's `usage.db` with the records of the last 30 days, in the order in which sessions ended. */
export async function writeHistory(dataDir: string, { records, users }: History): Promise<void> {
  const logger = createLogger('error', 'logfmt');
  const { store } = createSqliteUsage({ file: join(dataDir, 'usage.db'), logger });
  await store.open();
  const since = Date.now() - DAYS * DAY_MS;
  const stepMs = (DAYS * DAY_MS) / records;
  for (let from = 0; from < records; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, records - from) }, (_, at) => from + at);
    await store.append(numbers.map((number) => recordOf(number, Math.round(since + number * stepMs), users)));
  }
  await store.close();
}

/** One and the same for a number: what looks like chance is that number, scattered (Knuth's multiplicative hash). */
function recordOf(number: number, endedAt: number, users: number): UsageRecord {
  const chance = Math.imul(number + 1, 2_654_435_761) >>> 0;
  const relayed = chance % 5 > 0;
  const seconds = 5 + (chance % 3_600_000) / 1000;
  const packets = relayed ? Math.round(seconds * 90) : 0;
  const bytes = packets * 850;
  return {
    id: `k3v9x0q2mz-${(2 ** 32 + number).toString(36)}`,
    server: 'relay-1',
    realm: REALMS[chance % REALMS.length] ?? '',
    userId: `user-${(chance >>> 4) % users}`,
    username: `${Math.floor(endedAt / 1000) + 3600}:user-${(chance >>> 4) % users}`,
    startedAt: Math.round(endedAt - seconds * 1000),
    endedAt,
    durationSeconds: seconds,
    allocations: 1 + (chance % 6),
    relayed,
    clientReceivedBytes: bytes + 4_000,
    clientReceivedPackets: packets + 20,
    clientSentBytes: bytes + 3_500,
    clientSentPackets: packets + 20,
    peerReceivedBytes: bytes,
    peerReceivedPackets: packets,
    peerSentBytes: bytes,
    peerSentPackets: packets,
    transports: TRANSPORTS[chance % TRANSPORTS.length] ?? [],
    endReason: 'client',
    settled: 'exact',
  };
}
