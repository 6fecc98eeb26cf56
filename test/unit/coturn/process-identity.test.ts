import { identityOf, isAlive, parseStat, signalProcess } from '../../../src/coturn/process-identity';

const rest = `S ${Array.from({ length: 18 }, (_, i) => i).join(' ')} 987654 1 2 3`;

test.each(['turnserver', 'a b', 'x) R 1 2 (', ')', ''])('a command called %j does not mislead', (command) => {
  expect(parseStat(`12 (${command}) ${rest}`)).toEqual({ command, state: 'S', startTicks: 987_654 });
});

test.each(['', '12', '12 (x', '12 (x) S 1 2'])('%j is no stat line', (text) => {
  expect(parseStat(text)).toBeUndefined();
});

test('a process is itself, and not another one of its pid', () => {
  const self = identityOf(process.pid);
  if (!self) throw new Error('this process is not seen');
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, startTicks: self.startTicks - 1 })).toBe(false);
  expect(isAlive({ ...self, bootId: 'another' })).toBe(false);
  // A signal that was sent all the same would end this test.
  expect(signalProcess({ ...self, startTicks: self.startTicks - 1 }, 'SIGKILL')).toBe(false);
});
