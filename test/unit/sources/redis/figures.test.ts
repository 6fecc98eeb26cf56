import { readClientList } from '../../../../src/sources/redis/client-list';
import { RedisInfo } from '../../../../src/sources/redis/info';
import { isDoubtfulAge, isStale, isYoung } from '../../../../src/sources/redis/status-keys';

const client = (words: string): string => `id=3 addr=127.0.0.1:1 laddr=127.0.0.1:2 fd=8 ${words} user=default resp=2\n`;

test('who publishes and how far subscribers are behind comes out of CLIENT LIST', () => {
  const text =
    client('name=a sub=0 psub=0 obl=0 omem=0 cmd=publish') +
    client('name=b sub=0 psub=1 obl=10 omem=2000 cmd=psubscribe') +
    client('name=c sub=1 psub=0 obl=0 omem=500 cmd=subscribe') +
    client('name=d sub=0 psub=0 obl=0 omem=9999999 cmd=client|list');
  expect(readClientList(text)).toEqual({ publishers: 1, subscribers: 2, largestBufferBytes: 2010 });
});

test('what is no client is left out', () => {
  expect(readClientList('nonsense cmd=publish\n\n')).toEqual({ publishers: 0, subscribers: 0, largestBufferBytes: 0 });
});

test('INFO gives numbers and texts, and nothing where there is none', () => {
  const info = new RedisInfo('# Memory\r\nused_memory:941496\r\nrole:master\r\nratio:1.5\r\n');
  expect([info.number('used_memory'), info.number('ratio'), info.text('role')]).toEqual([941496, 1.5, 'master']);
  expect([info.number('role'), info.text('absent')]).toEqual([undefined, undefined]);
});

test('an age that Redis may have begun to count at its start is doubtful', () => {
  const fresh = new RedisInfo('uptime_in_seconds:100\r\nrdb_last_load_keys_loaded:0\r\naof_enabled:0\r\n');
  const loaded = new RedisInfo('uptime_in_seconds:100\r\nrdb_last_load_keys_loaded:7\r\naof_enabled:0\r\n');
  const old = new RedisInfo('uptime_in_seconds:100\r\n');
  expect([fresh, loaded, old].map((info) => isYoung(98, isDoubtfulAge(info)))).toEqual([true, false, false]);
  expect(isYoung(50, isDoubtfulAge(loaded))).toBe(true);
  // Older than Redis itself: the file that it loaded had told.
  expect(isYoung(300, isDoubtfulAge(loaded))).toBe(true);
});

test.each([
  [undefined, false, false],
  [0, true, false],
  [660, true, false],
  [661, false, false],
  [3661, false, true],
])('a key that is %p s old: young %p, stale %p', (age, young, stale) => {
  expect([isYoung(age, () => false), isStale(age)]).toEqual([young, stale]);
});
