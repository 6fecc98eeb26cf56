import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  process.env['TURNKEEPER_TEST_NEWER_COTURN'],
  '/tmp/ct/b417/bin/turnserver',
  '/tmp/coturn-4.17/build/bin/turnserver',
];

/** A coturn that has a Prometheus page, which Debian's has not: of the environment, or built where its captures were made. */
const newerCoturn: string | undefined = PLACES.find((place) => place !== undefined && hasPage(place));

/** `test`, or where there is no such coturn a test that says in its name why it was skipped. */
export function testWithNewerCoturn(name: string, run: (binary: string) => Promise<void>): void {
  if (newerCoturn === undefined) {
    test.skip(`NEEDS A NEWER COTURN (set TURNKEEPER_TEST_NEWER_COTURN to its turnserver): ${name}`, () => undefined);
    return;
  }
  const binary = newerCoturn;
  test(name, () => run(binary));
}

function hasPage(binary: string): boolean {
  if (!existsSync(binary)) return false;
  try {
    return execFileSync(binary, ['-h'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes(
      '--prometheus-address',
    );
  } catch {
    return false;
  }
}
