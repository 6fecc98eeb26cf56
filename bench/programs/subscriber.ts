/**
 * What the statsdb endpoint replaces, written as one would: subscribes to a Redis with ioredis, and keeps counters of
 * each open allocation. Argument: the Redis' port. Asked `{ events }`, it answers when it has heard so many in all.
 */
import { Redis } from 'ioredis';
import { PASSWORD } from '../support/password';

type Counters = Record<string, number>;

const counters = new Map<string, Counters>();
let heard = 0;
let awaited = Infinity;

function take(channel: string, message: string): void {
  const parts = channel.split('/');
  const at = parts.lastIndexOf('allocation');
  const allocation = parts.slice(1, at + 2).join('/');
  switch (parts.slice(at + 2).join('/')) {
    case 'traffic':
      add(allocation, 'client', message);
      break;
    case 'traffic/peer':
      add(allocation, 'peer', message);
      break;
    case 'total_traffic/peer':
      counters.delete(allocation);
      break;
  }
}

function add(allocation: string, leg: string, message: string): void {
  const sums = counters.get(allocation) ?? {};
  counters.set(allocation, sums);
  for (const pair of message.split(', ')) {
    const [name, value] = pair.split('=');
    const counter = `${leg} ${name ?? ''}`;
    sums[counter] = (sums[counter] ?? 0) + Number(value);
  }
}

function answer(): void {
  if (heard < awaited) return;
  awaited = Infinity;
  process.send?.({ heard });
}

const redis = new Redis({ host: '127.0.0.1', port: Number(process.argv[2]), password: PASSWORD });
redis.on('pmessage', (_pattern: string, channel: string, message: string) => {
  heard++;
  take(channel, message);
  answer();
});
const subscribed = redis.psubscribe('turn/*');
process.on('message', ({ events }: { events: number }) => {
  void subscribed.then(() => {
    awaited = events;
    answer();
  });
});
process.on('disconnect', () => process.exit());
