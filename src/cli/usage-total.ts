import type { UsageSum } from './wire';

type Amounts = Omit<UsageSum, 'user' | 'label' | 'realm' | 'server' | 'day'>;

const NOTHING: Amounts = {
  sessions: 0,
  relayedSessions: 0,
  allocations: 0,
  durationSeconds: 0,
  clientReceivedBytes: 0,
  clientReceivedPackets: 0,
  clientSentBytes: 0,
  clientSentPackets: 0,
  peerReceivedBytes: 0,
  peerReceivedPackets: 0,
  peerSentBytes: 0,
  peerSentPackets: 0,
};

const FIELDS = Object.keys(NOTHING) as (keyof Amounts)[];

/** Adds up sums as they come, whatever they were grouped by. */
export class UsageTotal {
  readonly amounts = { ...NOTHING };
  rows = 0;

  add(sum: UsageSum): void {
    this.rows++;
    for (const field of FIELDS) this.amounts[field] += sum[field];
  }
}
