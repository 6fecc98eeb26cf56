/** `npm run docs`: writes docs/configuration.md. (docs/metrics.md comes from agents that run: see its first line.) */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from './configuration';

void configurationPage().then((text) => {
  writeFileSync(join(__dirname, '../../docs/configuration.md'), text);
});
