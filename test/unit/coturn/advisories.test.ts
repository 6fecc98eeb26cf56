import { advisoryFor } from '../../../src/coturn/advisories';

test.each(['4.5.2', '4.6.1', '4.12.0', '3.2.1'])('coturn %s gets the advisory', (version) => {
  expect(advisoryFor(version)).toContain('GHSA-4g7c-p5wg-j4hp');
});

test.each(['4.13.0', '4.17.1', '5.0', 'unknown'])('coturn %s gets none', (version) => {
  expect(advisoryFor(version)).toBeUndefined();
});
