import type { GroupKey, UsageSum } from '../usage-store';

type Batches = AsyncIterator<readonly UsageSum[]>;

/** One sorted stream of sums out of two, adding up those of the same group. Both are ended when the consumer stops. */
export async function* mergedSums(
  left: AsyncIterable<readonly UsageSum[]>,
  right: AsyncIterable<readonly UsageSum[]>,
  groupBy: readonly GroupKey[],
): AsyncGenerator<readonly UsageSum[]> {
  const [a, b] = [new Head(left[Symbol.asyncIterator]()), new Head(right[Symbol.asyncIterator]())];
  try {
    // Both begin to read at once.
    await Promise.all([a.fill(), b.fill()]);
    while (a.current || b.current) {
      yield mergeBuffered(a, b, groupBy);
      await Promise.all([a.fill(), b.fill()]);
    }
  } finally {
    await Promise.all([a.end(), b.end()]);
  }
}

/** As far as both are known, or to the end of the one that is left. */
function mergeBuffered(a: Head, b: Head, groupBy: readonly GroupKey[]): UsageSum[] {
  const merged: UsageSum[] = [];
  while ((a.current ?? a.isDone) && (b.current ?? b.isDone) && (a.current ?? b.current)) {
    const order = compare(a.current, b.current, groupBy);
    if (order === 0 && a.current && b.current) merged.push(add(a.take(), b.take()));
    else merged.push(order < 0 ? a.take() : b.take());
  }
  return merged;
}

class Head {
  isDone = false;
  private batch: readonly UsageSum[] = [];
  private at = 0;

  constructor(private readonly batches: Batches) {}

  get current(): UsageSum | undefined {
    return this.batch[this.at];
  }

  take(): UsageSum {
    const sum = this.batch[this.at++];
    if (!sum) throw new RangeError('there is no sum to take');
    return sum;
  }

  async fill(): Promise<void> {
    while (!this.isDone && this.current === undefined) {
      const next = await this.batches.next();
      this.isDone = next.done === true;
      this.batch = next.done === true ? [] : next.value;
      this.at = 0;
    }
  }

  async end(): Promise<void> {
    await this.batches.return?.();
  }
}

/** An undefined one stands behind all others. */
function compare(a: UsageSum | undefined, b: UsageSum | undefined, groupBy: readonly GroupKey[]): number {
  if (!a || !b) return a ? -1 : 1;
  for (const key of groupBy) {
    const order = Buffer.compare(Buffer.from(a[key] ?? ''), Buffer.from(b[key] ?? ''));
    if (order !== 0) return order;
  }
  return 0;
}

function add(a: UsageSum, b: UsageSum): UsageSum {
  return {
    ...a,
    sessions: a.sessions + b.sessions,
    relayedSessions: a.relayedSessions + b.relayedSessions,
    allocations: a.allocations + b.allocations,
    durationSeconds: (Math.round(a.durationSeconds * 1000) + Math.round(b.durationSeconds * 1000)) / 1000,
    clientReceivedBytes: a.clientReceivedBytes + b.clientReceivedBytes,
    clientReceivedPackets: a.clientReceivedPackets + b.clientReceivedPackets,
    clientSentBytes: a.clientSentBytes + b.clientSentBytes,
    clientSentPackets: a.clientSentPackets + b.clientSentPackets,
    peerReceivedBytes: a.peerReceivedBytes + b.peerReceivedBytes,
    peerReceivedPackets: a.peerReceivedPackets + b.peerReceivedPackets,
    peerSentBytes: a.peerSentBytes + b.peerSentBytes,
    peerSentPackets: a.peerSentPackets + b.peerSentPackets,
  };
}
