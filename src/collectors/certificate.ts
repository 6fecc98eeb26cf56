import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { single, type Collector } from './collector';

/** When the certificate in the file ends: the first of those in it, which is coturn's own. */
export function certificateCollector(file: string): Collector {
  return {
    name: 'certificate',
    async collect() {
      const { validTo } = new X509Certificate(await readFile(file));
      return [
        single(
          'gauge',
          'coturn_certificate_expiry_timestamp_seconds',
          "When the certificate in coturn's file ends, in seconds since the Unix epoch. coturn reads the file at its start, and on SIGUSR2.",
          Date.parse(validTo) / 1000,
        ),
      ];
    },
  };
}
