import { assert, integer, json, jsonValue, property, tuple, uniqueArray } from 'fast-check';
import { fingerprintOf } from '../../../../src/credentials/user-fingerprint';
import {
  beyond,
  decodeBlocks,
  encodeBlocks,
  MAX_ENTRIES,
  shardOf,
  union,
  type Blocks,
} from '../../../../src/fleet/blocked/blocks';

const ALICE = fingerprintOf('alice');
const SHARD = shardOf(ALICE);
const sameShard = (number: number): string => `${SHARD}${number.toString(36).padStart(42, '0')}`;

const blocks = uniqueArray(tuple(integer({ min: 0, max: 20 }), integer({ min: 1, max: 100 })), {
  selector: ([user]) => user,
}).map((entries): Blocks => new Map(entries.map(([user, until]) => [sameShard(user), until])));

function decode(value: unknown): Blocks | undefined {
  return decodeBlocks(SHARD, Buffer.from(JSON.stringify(value)));
}

test('a shard means the same after it was written and read', () => {
  const some = new Map([[ALICE, Date.UTC(2027, 0, 1)]]);
  expect(decodeBlocks(SHARD, encodeBlocks(some))).toEqual(some);
});

test('users are in 64 shards, no one much larger than the others', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 64_000; i++) {
    const shard = shardOf(fingerprintOf(`user-${i}`));
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  expect(counts.size).toBe(64);
  expect(Math.max(...counts.values())).toBeLessThan(1200);
});

test('a full shard is far below what ZooKeeper takes, and is read', () => {
  const full = new Map(Array.from({ length: MAX_ENTRIES }, (_, i) => [sameShard(i), 253_402_300_799_999]));
  const data = encodeBlocks(full);
  expect(data.length).toBeLessThan(100_000);
  expect(decodeBlocks(SHARD, data)?.size).toBe(MAX_ENTRIES);
});

test.each<[string, unknown]>([
  ['no object', 'x'],
  ['names', { alice: 1 }],
  ['a user of another shard', { [`${SHARD === 'A' ? 'B' : 'A'}${'0'.repeat(42)}`]: 1 }],
  ['a time that no Date has', { [ALICE]: 8.64e15 + 1 }],
  ['a time that is no number', { [ALICE]: '1' }],
  ['half a millisecond', { [ALICE]: 1.5 }],
  ['too many users', Object.fromEntries(Array.from({ length: MAX_ENTRIES + 1 }, (_, i) => [sameShard(i), 1]))],
  ['very much', 'x'.repeat(900_000)],
])('with %s it is no shard', (_, value) => {
  expect(decode(value)).toBeUndefined();
});

test('whatever stands there, nothing is thrown', () => {
  assert(
    property(json(), (text) => {
      decodeBlocks(SHARD, Buffer.from(text));
    }),
  );
  assert(
    property(jsonValue(), (value) => {
      decode({ [ALICE]: value });
    }),
  );
});

test('nobody is ever unblocked earlier by what others say', () => {
  assert(
    property(blocks, blocks, (some, others) => {
      const both = union(some, others, 50);
      for (const [user, until] of [...some, ...others])
        if (until > 50) expect(both.get(user)).toBeGreaterThanOrEqual(until);
      for (const until of both.values()) expect(until).toBeGreaterThan(50);
    }),
  );
});

test('what is added and is not there yet is all that there is to write', () => {
  assert(
    property(blocks, blocks, (some, others) => {
      const more = beyond(some, others);
      expect(union(others, more, 0)).toEqual(union(others, some, 0));
      expect(beyond(some, union(some, others, 0)).size).toBe(0);
    }),
  );
});
