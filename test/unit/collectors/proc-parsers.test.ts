import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseNetDev } from '../../../src/collectors/proc-net-dev';
import { parseSoftnetStat, softnetIncrease } from '../../../src/collectors/proc-net-softnet';
import { parseSnmp, parseSnmp6 } from '../../../src/collectors/proc-net-snmp';
import { parseCpuSeconds } from '../../../src/collectors/proc-stat';
import { parseStatus } from '../../../src/collectors/proc-status';

/** Captured on Linux 6.18 while Debian's coturn 4.6.1 relayed for two turnutils_uclient. */
const captured = (path: string): string => readFileSync(join('test/fixtures/proc/machine/proc', path), 'utf8');

test('/proc/net/dev: each direction has its own columns', () => {
  const devices = parseNetDev(captured('net/dev'));
  expect([...devices.keys()]).toEqual(['lo', 'ifb0', 'ifb1', 'eth0']);
  const text = `Inter-|   Receive  |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
enp0s31f6.100:18446744073 2 3 4 5 6 7 8 11 12 13 14 15 16 17 18
 short: 1 2 3
`;
  expect([...parseNetDev(text)]).toEqual([
    [
      'enp0s31f6.100',
      {
        receive: { bytes: 18446744073, packets: 2, errors: 3, drops: 4 },
        transmit: { bytes: 11, packets: 12, errors: 13, drops: 14 },
      },
    ],
  ]);
});

test('/proc/net/snmp and snmp6: the buffer errors are found by name, and not those of UDP-Lite', () => {
  expect(parseSnmp(captured('net/snmp'))).toEqual({ receive: 0, send: 0 });
  expect(parseSnmp6(captured('net/snmp6'))).toEqual({ receive: 0, send: 0 });
  const snmp =
    'Udp: InErrors RcvbufErrors New SndbufErrors\nUdp: 9 5 8 7\nUdpLite: RcvbufErrors SndbufErrors\nUdpLite: 1 2\n';
  expect(parseSnmp(snmp)).toEqual({ receive: 5, send: 7 });
  expect(parseSnmp6('Udp6RcvbufErrors \t3\nUdp6SndbufErrors \t4\nUdpLite6RcvbufErrors \t9\n')).toEqual({
    receive: 3,
    send: 4,
  });
  expect(() => parseSnmp('')).toThrow('the kernel shows no UDP buffer errors');
});

test('/proc/<pid>/stat: a program name with spaces and parentheses shifts no field', () => {
  expect(parseCpuSeconds(captured('4242/stat'))).toBe(0.01);
  const hostile = '7 (a ) R 1 2) S 1 7 7 0 -1 4194560 1 0 0 0 150 250 0 0 20 0 7 0 12345 0 0';
  expect(parseCpuSeconds(hostile)).toBe(4);
  expect(() => parseCpuSeconds('7 (x) S 1')).toThrow('has no field 14');
});

test('/proc/<pid>/status: the file system user, threads, memory in bytes; none for a process that has ended', () => {
  expect(parseStatus(captured('4242/status'))).toEqual({ uid: 0, threads: 7, residentBytes: 15420 * 1024 });
  expect(parseStatus('Uid:\t1\t2\t3\t4\nThreads:\t1\n')).toEqual({ uid: 4, threads: 1, residentBytes: undefined });
  expect(() => parseStatus('Threads:\t1\n')).toThrow('no line like');
});

describe('/proc/net/softnet_stat', () => {
  const row = (counts: string, cpu?: string): string =>
    `${counts} ${'00000000 '.repeat(9)}${cpu === undefined ? '' : `${cpu} 00000000 00000000`}`.trimEnd();
  const increase = (before: string[], now: string[]): object =>
    softnetIncrease(parseSoftnetStat(before.join('\n')), parseSoftnetStat(now.join('\n')));

  test('each CPU has a line of hexadecimal counts', () => {
    const counts = parseSoftnetStat(captured('net/softnet_stat'));
    expect([...counts.keys()]).toEqual(['00000000', '00000001']);
    expect(parseSoftnetStat(`${row('0000000a 0000000b ffffffff', '00000003')}\n`).get('00000003')).toEqual({
      processed: 10,
      dropped: 11,
      squeezed: 2 ** 32 - 1,
    });
    expect(() => parseSoftnetStat('nonsense here now')).toThrow('of other form');
    expect(() => parseSoftnetStat('00000001 00000002')).toThrow('of other form');
  });

  test('the CPUs are added up, and a counter that wrapped goes on', () => {
    const before = [row('fffffffe 0 1', '0'), row('5 0 0', '1')];
    const now = [row('00000003 1 1', '0'), row('7 2 4', '1')];
    expect(increase(before, now)).toEqual({ processed: 7, dropped: 3, squeezed: 4 });
  });

  test('a CPU that comes counts from then on, and one that goes takes nothing away', () => {
    expect(increase([row('9 9 9', '1')], [row('1 1 1', '0'), row('a a a', '1')])).toEqual({
      processed: 1,
      dropped: 1,
      squeezed: 1,
    });
    expect(increase([row('9 9 9', '0'), row('1 1 1', '1')], [row('2 1 1', '1')])).toMatchObject({ processed: 1 });
  });

  test('without numbers of CPUs, nothing is guessed when their number changes', () => {
    expect(increase([row('9 0 0'), row('5 0 0')], [row('6 0 0')])).toMatchObject({ processed: 0 });
    expect(increase([row('9 0 0'), row('5 0 0')], [row('a 0 0'), row('5 0 0')])).toMatchObject({ processed: 1 });
  });
});
