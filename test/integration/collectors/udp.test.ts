import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { udpCollector } from '../../../src/collectors/udp';
import { systemRoots, type SystemRoots } from '../../../src/collectors/system-files';
import { Machine } from './machine';

async function errors(roots: SystemRoots, pid?: number): Promise<{ receive: number; send: number }> {
  const families = await udpCollector(roots, () => pid).collect(new AbortController().signal);
  const [receive = NaN, send = NaN] = families.map(({ samples }) => samples[0]?.value);
  return { receive, send };
}

test.each(['udp4', 'udp6'] as const)('datagrams that find a full %s buffer are counted', async (type) => {
  const socket = createSocket({ type, recvBufferSize: 2048 });
  socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
  await once(socket, 'listening');
  const { port, address } = socket.address();
  const before = await errors(systemRoots, process.pid);
  /** Node.js sends at once but reads only when this function waits, so all but the first few find no room. */
  for (let sent = 0; sent < 50; sent++) socket.send(Buffer.alloc(1000), port, address);
  const after = await errors(systemRoots, process.pid);
  socket.close();
  expect(after.receive - before.receive).toBeGreaterThan(20);
});

describe('of a captured machine', () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => {
    machine.dispose();
  });

  const snmp = (receive: number, send: number): string => `Udp: RcvbufErrors SndbufErrors\nUdp: ${receive} ${send}\n`;

  test("coturn's network namespace counts, and without a pid or after its end the agent's own", async () => {
    machine.write('proc/4242/net/snmp', snmp(10, 20));
    machine.write('proc/4242/net/snmp6', 'Udp6RcvbufErrors 3\nUdp6SndbufErrors 4\n');
    machine.write('proc/net/snmp', snmp(1, 2));
    expect(await errors(machine.roots, 4242)).toEqual({ receive: 13, send: 24 });
    expect(await errors(machine.roots)).toEqual({ receive: 1, send: 2 });
    expect(await errors(machine.roots, 4243)).toEqual({ receive: 1, send: 2 });
  });

  test('a kernel without IPv6 is no failure; one without counters is', async () => {
    machine.remove('proc/net/snmp6');
    expect(await errors(machine.roots)).toEqual({ receive: 0, send: 0 });
    machine.remove('proc/net/snmp');
    await expect(errors(machine.roots)).rejects.toThrow('/net/snmp is not there');
  });
});
