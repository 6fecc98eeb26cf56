import fc from 'fast-check';
import { mergedSums } from '../../../src/usage/sqlite/merged-sums';
import type { GroupKey, UsageSum } from '../../../src/usage/usage-store';

const COUNTS = [
  'sessions',
  'relayedSessions',
  'allocations',
  'clientReceivedBytes',
  'clientReceivedPackets',
  'clientSentBytes',
  'clientSentPackets',
  'peerReceivedBytes',
  'peerReceivedPackets',
  'peerSentBytes',
  'peerSentPackets',
] as const;
type Counts = Record<(typeof COUNTS)[number] | 'durationSeconds', number>;
/** A record as it is added up: its group, and what it counts. */
type Counted = { readonly keys: Readonly<Partial<Record<GroupKey, string>>> } & { readonly counts: Counts };

const GROUPINGS: readonly (readonly GroupKey[])[] = [['user'], ['day', 'user'], ['realm', 'server', 'user']];
/** JavaScript's own order puts the fox before the ligature; that of UTF-8's bytes, which is SQLite's, after it. */
const NAMES = ['', 'a', 'b', 'B', 'Zoë', 'ﬁ', '🦊', 'a\0', 'a b'];

const name = fc.constantFrom(...NAMES);
const counts: fc.Arbitrary<Counts> = fc
  .tuple(fc.array(fc.nat(2 ** 40), { minLength: COUNTS.length, maxLength: COUNTS.length }), fc.nat(1e7))
  .map(([values, milliseconds]) => ({
    ...(Object.fromEntries(COUNTS.map((key, at) => [key, values[at] ?? 0])) as Counts),
    durationSeconds: milliseconds / 1000,
  }));

/** What a table gives: one sum a group, in the order of the keys' bytes. */
function summed(records: readonly Counted[]): UsageSum[] {
  const sums = new Map<string, UsageSum>();
  for (const { keys, counts } of records) {
    const key = Object.values(keys)
      .map((value) => Buffer.from(value).toString('hex'))
      .join('-');
    const before = sums.get(key);
    const milliseconds = Math.round((before?.durationSeconds ?? 0) * 1000) + Math.round(counts.durationSeconds * 1000);
    const added = Object.fromEntries(COUNTS.map((count) => [count, (before?.[count] ?? 0) + counts[count]])) as Counts;
    sums.set(key, { ...keys, ...added, durationSeconds: milliseconds / 1000 });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

/** A source of batches that says how often it was asked, and whether it was ended. */
class Source implements AsyncIterable<readonly UsageSum[]> {
  asked = 0;
  isEnded = false;

  /** The sizes come round again; 0 is an empty batch. */
  constructor(
    private readonly sums: readonly UsageSum[],
    private readonly sizes: readonly number[],
    private readonly failsAt = Infinity,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly UsageSum[]> {
    try {
      for (let at = 0; at < this.sums.length; this.asked++) {
        await Promise.resolve();
        if (this.asked === this.failsAt) throw new Error('the disk is gone');
        const size = this.sizes[this.asked % this.sizes.length] ?? 1;
        yield this.sums.slice(at, at + size);
        at += size;
      }
    } finally {
      this.isEnded = true;
    }
  }
}

const ofUsers = (count: number, prefix = 'u'): UsageSum[] =>
  summed(
    Array.from({ length: count }, (_, i) => ({
      keys: { user: `${prefix}${String(i).padStart(4, '0')}` },
      counts: { ...(Object.fromEntries(COUNTS.map((key) => [key, 1])) as Counts), durationSeconds: 1 },
    })),
  );

const grouped = fc.constantFrom(...GROUPINGS).chain((groupBy) => {
  const keys = fc
    .tuple(...groupBy.map(() => name))
    .map((values) => Object.fromEntries(groupBy.map((key, at) => [key, values[at] ?? ''])));
  const records = fc.array(fc.tuple(fc.record({ keys, counts }), fc.boolean()), { maxLength: 40 });
  return fc.record({ groupBy: fc.constant(groupBy), records });
});
const sizes = fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }).filter((list) => list.some((size) => size > 0));

test('however records are split in two, and in whatever batches their sums come, they merge to the sums of all', async () => {
  await fc.assert(
    fc.asyncProperty(grouped, sizes, sizes, async ({ groupBy, records }, leftSizes, rightSizes) => {
      const half = (side: boolean): UsageSum[] => summed(records.filter(([, at]) => at === side).map(([one]) => one));
      const [left, right] = [new Source(half(true), leftSizes), new Source(half(false), rightSizes)];
      const merged: UsageSum[] = [];
      for await (const batch of mergedSums(left, right, groupBy)) merged.push(...batch);
      expect(merged).toEqual(summed(records.map(([one]) => one)));
      expect([left.isEnded, right.isEnded]).toEqual([true, true]);
    }),
    { numRuns: 300 },
  );
});

test('a consumer that stops ends both, and no more was read of them than it needed', async () => {
  const [left, right] = [new Source(ofUsers(1000), [10]), new Source(ofUsers(1000, 'v'), [10])];
  for await (const batch of mergedSums(left, right, ['user'])) {
    expect(batch.length).toBeGreaterThan(0);
    break;
  }
  expect([left.isEnded, right.isEnded]).toEqual([true, true]);
  expect([left.asked, right.asked]).toEqual([0, 0]);
});

test('where one of them fails both are ended, and the failure is told', async () => {
  const [left, right] = [new Source(ofUsers(100), [10]), new Source(ofUsers(100), [10], 3)];
  const read = async (): Promise<void> => {
    for await (const batch of mergedSums(left, right, ['user'])) expect(batch.length).toBeGreaterThan(0);
  };
  await expect(read()).rejects.toThrow('the disk is gone');
  expect([left.isEnded, right.isEnded]).toEqual([true, true]);
});

test('memory stays with a batch of each: neither is read ahead of what was merged', async () => {
  const [left, right] = [new Source(ofUsers(500), [10]), new Source(ofUsers(500, 'v'), [10])];
  let seen = 0;
  for await (const batch of mergedSums(left, right, ['user'])) {
    seen += batch.length;
    expect((left.asked + right.asked) * 10).toBeLessThanOrEqual(seen);
  }
  expect(seen).toBe(1000);
});
