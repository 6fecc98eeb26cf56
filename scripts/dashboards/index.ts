/** `npm run dashboards`: writes dashboards/*.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf, PLANS, textOf } from './all';

const root = join(__dirname, '../..');

mkdirSync(join(root, 'dashboards'), { recursive: true });
for (const plan of PLANS) {
  writeFileSync(join(root, fileOf(plan)), textOf(plan));
  process.stdout.write(`${fileOf(plan)}\n`);
}
