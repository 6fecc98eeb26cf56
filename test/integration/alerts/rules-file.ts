import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(__dirname, '../../..');
export const ALERTS = join(ROOT, 'alerts');
export const RULES = join(ALERTS, 'turnkeeper.rules.yml');

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const recording = z.strictObject({ record: z.string(), expr: z.string() });
const alerting = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
export type AlertRule = z.output<typeof alerting>;
const file = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([alerting, recording])) })),
});

const rules = file.parse(parse(readFileSync(RULES, 'utf8'))).groups.flatMap((group) => group.rules);

/** Every alert, each with all that it must have. */
export const alerts: readonly AlertRule[] = rules.filter((rule) => 'alert' in rule);
export const alertNames: readonly string[] = alerts.map(({ alert }) => alert);
export const expressions: readonly string[] = rules.map(({ expr }) => expr);
