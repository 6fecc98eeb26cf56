import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { softnetCollector } from '../../../src/collectors/softnet';
import { systemRoots } from '../../../src/collectors/system-files';
import type { Collector } from '../../../src/collectors/collector';
import { eventually } from '../../support/eventually';
import { Machine } from './machine';

async function values(collector: Collector): Promise<Record<string, number>> {
  const families = await collector.collect(new AbortController().signal);
  return Object.fromEntries(families.map(({ name, samples }) => [name.slice(23), samples[0]?.value ?? NaN]));
}

test("this machine's own kernel: the count begins at 0 and grows with what is sent", async () => {
  const collector = softnetCollector(systemRoots);
  expect(await values(collector)).toEqual({ packets_total: 0, drops_total: 0, squeezes_total: 0 });
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  for (let sent = 0; sent < 20; sent++) socket.send('x', socket.address().port, '127.0.0.1');
  await eventually('20 packets more', async () => ((await values(collector))['packets_total'] ?? 0) >= 20);
  socket.close();
});

test('of a captured machine: readings add up over a wrap, and a sandbox without the file is no failure', async () => {
  const machine = new Machine();
  const collector = softnetCollector(machine.roots);
  const write = (text: string): void => {
    machine.write('proc/net/softnet_stat', text);
  };
  try {
    write('fffffff0 00000001 00000000\n');
    await values(collector);
    write('00000010 00000003 00000001\n');
    await values(collector);
    write('00000011 00000003 00000001\n');
    expect(await values(collector)).toEqual({ packets_total: 33, drops_total: 2, squeezes_total: 1 });
    machine.remove('proc/net/softnet_stat');
    expect(await values(collector)).toEqual({});
    write('?\n');
    await expect(values(collector)).rejects.toThrow('of other form');
  } finally {
    machine.dispose();
  }
});
