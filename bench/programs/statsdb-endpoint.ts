/** The endpoint with its full state, alone in a process; prints its port. Arguments: none. */
import { createStatsdbCounters } from '../../src/sources/statsdb/counters';
import { KeySpace } from '../../src/sources/statsdb/key-space';
import { Password } from '../../src/sources/statsdb/password';
import { Servers } from '../../src/sources/statsdb/servers';
import { StatsdbServer } from '../../src/sources/statsdb/statsdb-server';
import { createLogger } from '../../src/lib/logger';
import { Relay } from '../../src/turn/relay';

const relay = new Relay({ lingerMs: 10_000, separator: ':', maxAllocations: 5_000_000, realms: ['example.org'] });
const counters = createStatsdbCounters();
const server = new StatsdbServer(
  { host: '127.0.0.1', port: 0 },
  {
    relay,
    servers: new Servers(relay, (address) => address),
    keys: new KeySpace(relay),
    password: new Password('benchmark'),
    counters,
    now: () => performance.now(),
  },
  createLogger('warn', 'logfmt'),
);
void server.start().then(() => {
  process.stdout.write(`${server.address().port}\n`);
});
setInterval(() => {
  relay.advance(performance.now());
}, 1000);
process.on('message', (question: string) => {
  if (question === 'collect') (globalThis as { gc?: () => void }).gc?.();
  process.send?.({
    cpu: process.cpuUsage(),
    memory: process.memoryUsage(),
    open: relay.openAllocations,
    events: counters.events,
    rejected: counters.rejected,
  });
});
process.on('disconnect', () => process.exit());
