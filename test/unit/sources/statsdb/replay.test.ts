import { serverKey } from '../../../../src/sources/statsdb/servers';
import { CAPTURES, readCapture } from '../../../support/captures';
import { legRow, StatsHarness, type Line } from '../../../support/stats-harness';

/** What a capture says, counted in the plainest way: strings, and no state but sums. */
function countPlainly(name: string): {
  sums: Map<string, number[]>;
  created: Map<string, number>;
  deleted: number;
  totals: Map<string, number[]>;
} {
  const transports = new Map<string, string>();
  const sums = new Map<string, number[]>();
  const created = new Map<string, number>();
  const totals = new Map<string, number[]>();
  let deleted = 0;
  for (const { cmd } of readCapture(name)) {
    const [verb, channel = '', text = ''] = cmd ?? [];
    const [, id = '', kind = ''] = /allocation\/(\d{18})\/(.*)$/.exec(channel) ?? [];
    if (verb !== 'publish' || id === '') continue;
    const numbers = (text.match(/=(\d+)/g) ?? []).map((match) => Number(match.slice(1)));
    const type = /^new .*type=([A-Z/]+)/.exec(text)?.[1];
    if (type !== undefined) {
      const transport = type === 'TLS/TCP' ? 'tls' : type.toLowerCase();
      transports.set(id, transport);
      created.set(transport, (created.get(transport) ?? 0) + 1);
    }
    const transport = transports.get(id);
    const offset = kind.endsWith('peer') ? 4 : 0;
    if (transport !== undefined && kind.startsWith('traffic')) addAt(sums, transport, offset, numbers);
    if (kind.startsWith('total_traffic')) addAt(totals, id, offset, numbers);
    if (text === 'deleted') deleted++;
  }
  return { sums, created, deleted, totals };
}

function addAt(rows: Map<string, number[]>, key: string, offset: number, numbers: readonly number[]): void {
  const row = rows.get(key) ?? new Array<number>(8).fill(0);
  numbers.forEach((value, i) => (row[offset + i] = (row[offset + i] ?? 0) + value));
  rows.set(key, row);
}

function replay(name: string): StatsHarness {
  const harness = new StatsHarness();
  const lines = new Map<number, Line>();
  for (const step of readCapture(name)) {
    harness.now = step.t;
    if (step.event === 'open') lines.set(step.conn, harness.line());
    if (step.event === 'close') lines.get(step.conn)?.close();
    if (step.cmd?.[0] === 'publish') lines.get(step.conn)?.publish(step.cmd[1] ?? '', step.cmd[2] ?? '');
  }
  return harness;
}

describe.each(CAPTURES)('the capture %s', (name) => {
  const harness = replay(name);
  const plain = countPlainly(name);
  const closed = new Map(harness.allocations().map((allocation) => [allocation.id, allocation]));

  test('is counted by transport as a plain sum over its text', () => {
    for (const cell of harness.relay.totals.cells) {
      expect([cell.transport, cell.created]).toEqual([cell.transport, plain.created.get(cell.transport) ?? 0]);
      expect([...cell.traffic]).toEqual(plain.sums.get(cell.transport) ?? new Array(8).fill(0));
    }
  });

  test('closes each allocation that coturn deleted, with exactly its totals', () => {
    expect(closed.size).toBe(plain.deleted);
    for (const [id, total] of plain.totals) {
      const allocation = closed.get(id);
      expect(allocation?.settled).toBe('exact');
      expect(allocation && [...legRow(allocation.client), ...legRow(allocation.peer)]).toEqual(total);
    }
  });

  test('counts nothing for clients that never got an allocation, and refuses no message', () => {
    const { unknown_allocation: unknown, ...others } = harness.counters.rejected;
    expect(unknown).toBeGreaterThan(0);
    expect(Object.values(others).every((value) => value === 0)).toBe(true);
  });

  test('loses what was open when the server died, and leaves nothing behind', () => {
    const open = harness.relay.openAllocations;
    expect(open).toBe([...plain.created.values()].reduce((sum, value) => sum + value, 0) - plain.deleted);
    const before = harness.counted();
    harness.servers.ended(serverKey('127.0.0.1', 0), harness.now);
    harness.pass(30);
    expect(harness.relay.openAllocations).toBe(0);
    expect(harness.allocations().filter(({ reason }) => reason === 'lost')).toHaveLength(open);
    expect(harness.counted()).toEqual(before);
    const relayed = harness.sessions().reduce((sum, { client }) => sum + client.receivedBytes, 0);
    expect(relayed).toBe(before[1]);
    expect(harness.relay.totals.realms.map(({ sessions, users }) => [sessions, users])).toEqual([[0, 0]]);
  });
});
