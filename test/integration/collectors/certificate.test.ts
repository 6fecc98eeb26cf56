import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateCollector } from '../../../src/collectors/certificate';
import { selfSigned, temporaryDirectory } from '../../support/coturn';

const { signal } = new AbortController();
const folder = temporaryDirectory();

afterAll(() => {
  folder.remove();
});

test('the end of the certificate is the one that openssl tells', async () => {
  const { cert } = await selfSigned(folder.path, 'turn');
  const text = execFileSync('openssl', ['x509', '-enddate', '-noout', '-in', cert]).toString().trim();
  const [family] = await certificateCollector(cert).collect(signal);
  expect(family?.name).toBe('coturn_certificate_expiry_timestamp_seconds');
  expect(family?.samples).toEqual([{ value: Date.parse(text.replace('notAfter=', '')) / 1000 }]);
});

test('a file that is no certificate fails the collector, and gives no time', async () => {
  const file = join(folder.path, 'none.pem');
  writeFileSync(file, 'none');
  await expect(certificateCollector(file).collect(signal)).rejects.toThrow();
});
