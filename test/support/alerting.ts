import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ALERTS = join(__dirname, '../../alerts');

export interface AlertReceivers {
  readonly smtpPort: number;
  readonly smtpPassword: string;
  /** Of the webhook, on 127.0.0.1. */
  readonly webhookPort: number;
}

/** Writes the example configuration with these receivers, and without its waits: they are 1 s. The value is the file. */
export function writeAlertmanagerConfig(folder: string, receivers: AlertReceivers): string {
  const password = join(folder, 'smtp-password');
  writeFileSync(password, receivers.smtpPassword);
  copyFileSync(join(ALERTS, 'turnkeeper.tmpl'), join(folder, 'turnkeeper.tmpl'));
  const text = readFileSync(join(ALERTS, 'alertmanager.yml'), 'utf8')
    .replace('mail.example.org:587', `127.0.0.1:${receivers.smtpPort}`)
    .replace('/etc/alertmanager/smtp-password', password)
    .replace('smtp_require_tls: true', 'smtp_require_tls: false')
    .replaceAll('http://127.0.0.1:8080/', `http://127.0.0.1:${receivers.webhookPort}/`)
    .replaceAll(/(group_wait|group_interval): \w+/g, '$1: 1s');
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, text);
  return file;
}

/**
 * Prometheus' configuration for one agent (`host:port`). The rules are as they are, but for how long an alert has to
 * last: `for` is 2 s. No expression is changed.
 */
export function alertingPrometheus(folder: string, alertmanager: string, agent: string): object {
  const rules = readFileSync(join(ALERTS, 'turnkeeper.rules.yml'), 'utf8').replaceAll(/^( +for): \w+$/gm, '$1: 2s');
  writeFileSync(join(folder, 'turnkeeper.rules.yml'), rules);
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['turnkeeper.rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [{ job_name: 'turnkeeper', static_configs: [{ targets: [agent] }] }],
  };
}
