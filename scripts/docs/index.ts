/** `npm run docs`: what is made from the code alone. (docs/metrics.md comes from agents that run: see its first line.) */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from './configuration';
import { httpApiPage } from './http-api';

const PAGES = { 'configuration.md': configurationPage, 'http-api.md': httpApiPage };

for (const [file, page] of Object.entries(PAGES)) {
  void page().then((text) => {
    writeFileSync(join(__dirname, '../../docs', file), text);
  });
}
