import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeControl, lastLines } from '../../../src/coturn/log-files';
import { temporaryDirectory } from '../../support/coturn';

const directory = temporaryDirectory();
const file = join(directory.path, 'log');

afterAll(() => {
  directory.remove();
});

test('control characters are escaped, so that no log text drives a terminal', () => {
  expect(escapeControl('a\x1b[31mb\rc\td\x7f\x9b\u2028é')).toBe('a\\x1b[31mb\\x0dc\\x09d\\x7f\\x9b\\x2028é');
});

test('the last lines are few and short, whatever is in the log', () => {
  writeFileSync(file, `${'x'.repeat(5000)}\n`.repeat(100) + 'y\n'.repeat(100));
  const lines = lastLines(file, []);
  expect(lines.length).toBeLessThanOrEqual(15);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(300);
  expect(lines.at(-1)).toBe('y');
});

test('secrets are taken out: coturn 4.6.1 logs the password of its stats connection', () => {
  writeFileSync(file, 'Redis DB async connection to be used: ip=127.0.0.1 password=hunter22 connect_timeout=5\n');
  expect(lastLines(file, ['hunter22'])).toEqual([
    'Redis DB async connection to be used: ip=127.0.0.1 password=*** connect_timeout=5',
  ]);
});

test('a secret that the beginning of what is read cuts in two is not shown', () => {
  writeFileSync(file, `${'hunter22'.repeat(2000)}\nend\n`);
  expect(lastLines(file, ['hunter22'])).toEqual(['end']);
});

test('a log that is not there has no lines', () => {
  expect(lastLines(join(directory.path, 'none'), [])).toEqual([]);
});
