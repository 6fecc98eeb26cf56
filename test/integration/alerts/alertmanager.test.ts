import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { writeAlertmanagerConfig } from '../../support/alerting';
import { Alertmanager } from '../../support/alertmanager';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { SmtpSink } from '../../support/smtp-sink';
import { alertNames, ALERTS, read } from './rules-file';

const run = promisify(execFile);
const CONFIG = join(ALERTS, 'alertmanager.yml');
const LOGIN = { user: 'alerts@example.org', password: 'the mail password' };

interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
}
const { inhibit_rules } = parse(read('alerts/alertmanager.yml')) as { inhibit_rules: InhibitRule[] };

const folder = temporaryDirectory();
let alertmanager: Alertmanager | undefined;

afterAll(async () => {
  await alertmanager?.stop();
  folder.remove();
});

test('amtool takes the example and its template', async () => {
  const { stdout } = await run('amtool', ['check-config', CONFIG]);
  expect(stdout).toContain('1 templates');
});

test.each([
  ['critical', 'on-call'],
  ['warning', 'mail'],
  ['info', 'webhook'],
])('an alert that is %s goes to %s', async (severity, receiver) => {
  const { stdout } = await run('amtool', [
    'config',
    'routes',
    'test',
    `--config.file=${CONFIG}`,
    `severity=${severity}`,
  ]);
  expect(stdout.trim()).toBe(receiver);
});

test('every name in the inhibitions is that of an alert', () => {
  const patterns = inhibit_rules
    .flatMap(({ source_matchers, target_matchers }) => [...source_matchers, ...target_matchers])
    .flatMap((matcher) =>
      matcher
        .replace(/^alertname (=|!=|=~) /, '')
        .replaceAll('"', '')
        .split('|'),
    );
  const unknown = patterns.filter((pattern) => !alertNames.some((name) => new RegExp(`^(?:${pattern})$`).test(name)));
  expect(unknown).toEqual([]);
});

test('an agent that is down silences the rest of its relay, and coturn that is down its symptoms; of that relay alone', async () => {
  copyFileSync(join(ALERTS, 'turnkeeper.tmpl'), join(folder.path, 'turnkeeper.tmpl'));
  copyFileSync(CONFIG, join(folder.path, 'alertmanager.yml'));
  alertmanager = await Alertmanager.start(folder.path, join(folder.path, 'alertmanager.yml'));
  await fire(alertmanager, 'gone', ['TurnkeeperDown', 'UsageStoreFailing', 'CoturnDown']);
  await fire(alertmanager, 'broken', ['CoturnDown', 'CoturnRestarted', 'UnansweredShareHigh', 'UsageStoreFailing']);
  await fire(alertmanager, 'well', ['UnansweredShareHigh', 'CertificateExpiring', 'CertificateExpiresSoon']);
  const { address } = alertmanager;
  await eventually('all are there', async () => (await told(address)).length === 5);
  expect((await told(address)).toSorted()).toEqual([
    'broken CoturnDown',
    'broken UsageStoreFailing',
    'gone TurnkeeperDown',
    'well CertificateExpiring',
    'well UnansweredShareHigh',
  ]);
});

test('the subject of a mail names what still fires, and nothing that is over', async () => {
  const place = temporaryDirectory();
  const [smtp, [webhookPort = 0]] = await Promise.all([SmtpSink.start({ login: LOGIN }), freePorts(1)]);
  const config = writeAlertmanagerConfig(place.path, {
    smtpPort: smtp.port,
    smtpPassword: LOGIN.password,
    webhookPort,
  });
  const started = await Alertmanager.start(place.path, config);
  const subjects = (): string[] => smtp.mails.map(({ mail }) => mail.subject ?? '');
  try {
    await fire(started, 'turn1', ['UsageStoreFailing', 'RegistryLost']);
    const both = '[WARNING] turn1: RegistryLost, UsageStoreFailing';
    await eventually('both are told', () => subjects().includes(both), 30_000);
    await fire(started, 'turn1', ['RegistryLost'], new Date());
    await eventually('a second mail comes', () => subjects().length > 1, 30_000);
    expect(subjects()[1]).toBe('[WARNING] turn1: UsageStoreFailing');
    await fire(started, 'turn1', ['UsageStoreFailing'], new Date());
    await eventually('it is over', () => subjects().length > 2, 30_000);
    expect(subjects()[2]).toMatch(/^\[resolved\] turn1: .*UsageStoreFailing/);
  } finally {
    await started.stop();
    await smtp.stop();
    place.remove();
  }
}, 120_000);

async function fire(
  { address }: Alertmanager,
  instance: string,
  names: readonly string[],
  endsAt?: Date,
): Promise<void> {
  const alerts = names.map((alertname) => ({
    labels: { alertname, job: 'turnkeeper', instance, severity: 'warning' },
    endsAt,
  }));
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(alerts);
  const { status } = await fetch(`http://${address}/api/v2/alerts`, { method: 'POST', headers, body });
  expect(status).toBe(200);
}

/** What is neither inhibited nor silenced. */
async function told(address: string): Promise<string[]> {
  const response = await fetch(`http://${address}/api/v2/alerts?inhibited=false`);
  const alerts = (await response.json()) as { labels: Record<string, string> }[];
  return alerts.map(({ labels }) => `${labels['instance'] ?? ''} ${labels['alertname'] ?? ''}`);
}
