import { ReportQueue } from '../../../src/report/queue';
import type { Report } from '../../../src/report/report';

const report = (user: string): Report => ({ layer: 'ice', state: 'failed', user });

test('refuses what comes while it is full, and keeps the order of the rest', () => {
  const queue = new ReportQueue(2);
  expect(['a', 'b', 'c'].map((user) => queue.add(report(user)))).toEqual([true, true, false]);
  expect(queue.batch().map((text) => (JSON.parse(text) as { user: string }).user)).toEqual(['a', 'b']);
});

test('a batch is what the agent takes: 50 reports, and less than 16 KiB', () => {
  const queue = new ReportQueue(1000);
  for (let i = 0; i < 120; i++) queue.add(report('x'));
  const sizes: number[] = [];
  for (let batch = queue.batch(); batch.length > 0; batch = queue.batch()) {
    sizes.push(batch.length);
    queue.remove(batch.length);
  }
  expect(sizes).toEqual([50, 50, 20]);
  for (let i = 0; i < 40; i++) queue.add(report('\u00e9'.repeat(500)));
  const batch = queue.batch();
  expect(batch.length).toBeGreaterThan(5);
  expect(Buffer.byteLength(`[${batch.join(',')}]`)).toBeLessThan(16 * 1024);
});

test('refuses what can not be sent, rather than throwing or standing in the way of the next', () => {
  const queue = new ReportQueue(10);
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const hostile = [cycle, undefined, { layer: 'ice', state: 'failed', user: 'x'.repeat(20_000) }, { of: 1n }];
  expect(hostile.map((bad) => queue.add(bad as Report))).toEqual([false, false, false, false]);
  expect(queue.batch()).toEqual([]);
});
