import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countSockets, type SocketFilter } from '../../../src/collectors/proc-net-sockets';
import { parseProcAddress, relayAddressTest } from '../../../src/collectors/relay-address';

/** Captured while coturn held 2 UDP allocations with a reserved port each, and 2 TCP allocations. */
const captured = (table: string): Buffer => readFileSync(join('test/fixtures/proc/machine/proc/4242/net', table));

const UDP = 0x07;
const LISTEN = 0x0a;
const relays: SocketFilter = { minPort: 50000, maxPort: 50100, state: UDP, uid: 0, hasAddress: () => true };

test("coturn's relay sockets are counted, its listeners, clients and connections are not", () => {
  expect(countSockets(captured('udp'), relays)).toBe(4);
  expect(countSockets(captured('tcp'), { ...relays, state: LISTEN })).toBe(2);
  expect(countSockets(captured('udp6'), relays)).toBe(0);
});

test('the first and the last relay port count, those beside them do not', () => {
  const between = (minPort: number, maxPort: number): number =>
    countSockets(captured('udp'), { ...relays, minPort, maxPort });
  expect(between(50018, 50049)).toBe(4);
  expect(between(50019, 50048)).toBe(2);
});

test("another user's sockets do not count, nor those on other addresses", () => {
  const line = (address: string, uid: string): string =>
    ` 2616: ${address}:C362 00000000:0000 07 00000000:00000000 00:00000000 00000000 ${uid}        0 28965 2 0 0\n`;
  const table = Buffer.from(line('0100007F', '  999') + line('0100007F', ' 4294') + line('020200C0', '  999'));
  expect(countSockets(table, { ...relays, uid: 999 })).toBe(2);
  expect(countSockets(table, { ...relays, uid: 999, hasAddress: relayAddressTest(['127.0.0.1']) })).toBe(1);
});

test('an IPv6 table is read the same way', () => {
  const zero = '0'.repeat(32);
  const table = Buffer.from(
    `  sl  local_address                         remote_address                        st tx_queue\n` +
      `  117: 000000FD000000000000000002000000:C362 ${zero}:0000 07 00000000:00000000 00:00000000 00000000   105        0 1 2 0 0\n`,
  );
  expect(countSockets(table, { ...relays, uid: 105, hasAddress: relayAddressTest(['fd00::2']) })).toBe(1);
  expect(countSockets(table, { ...relays, uid: 105, hasAddress: relayAddressTest(['fd00::3']) })).toBe(0);
});

test('nothing in a table that is empty or cut off', () => {
  expect(countSockets(Buffer.alloc(0), relays)).toBe(0);
  expect(countSockets(captured('udp').subarray(0, 300), relays)).toBe(0);
});

test("the kernel's form of an address is read in either byte order", () => {
  expect(parseProcAddress('0100007F', 'LE')).toBe('127.0.0.1');
  expect(parseProcAddress('7F000001', 'BE')).toBe('127.0.0.1');
  expect(parseProcAddress('B80D0120000000000000000001000000', 'LE')).toBe('2001:db8:0:0:0:0:0:1');
});

test('listening on every address, any bound address is a relay address and an unbound one is not', () => {
  const isRelay = relayAddressTest(['0.0.0.0', '::']);
  expect(['020200C0', '0100007F', '00000000', '0'.repeat(32)].map(isRelay)).toEqual([true, true, false, false]);
});
