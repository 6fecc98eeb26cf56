import { once } from 'node:events';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { AgentHome } from '../support/agent';
import { alertingPrometheus, writeAlertmanagerConfig } from '../support/alerting';
import { Alertmanager } from '../support/alertmanager';
import { eventually } from '../support/eventually';
import { Prometheus } from '../support/prometheus';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink';

const TURNSERVER = '/usr/bin/turnserver';
const LOGIN = { user: 'alerts@example.org', password: 'the mail password' };

/** The body of a notification to a webhook. */
interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

let home: AgentHome;
let smtp: SmtpSink;
let webhook: Server;
let prometheus: Prometheus | undefined;
let alertmanager: Alertmanager | undefined;
const notifications: Notification[] = [];

beforeAll(async () => {
  home = await AgentHome.create();
  symlinkSync(TURNSERVER, binary());
  home.configure({ binary: binary() }, {});
  smtp = await SmtpSink.start({ login: LOGIN });
  webhook = await startWebhook();
  await home.start();
  const receivers = {
    smtpPort: smtp.port,
    smtpPassword: LOGIN.password,
    webhookPort: (webhook.address() as AddressInfo).port,
  };
  alertmanager = await Alertmanager.start(home.path, writeAlertmanagerConfig(home.path, receivers));
  const agent = new URL(home.url).host;
  prometheus = await Prometheus.start(home.path, alertingPrometheus(home.path, alertmanager.address, agent));
});

afterAll(async () => {
  await prometheus?.stop();
  await alertmanager?.stop();
  webhook.close();
  await smtp.stop();
  await home.remove();
});

test('coturn is killed and does not come back: a mail says which relay and what to do, and one when it is back', async () => {
  const instance = new URL(home.url).host;
  await eventually('the relay is seen up', async () => (await prometheus?.query('coturn_up')) === 1, 30_000);
  // Before the first scrape there was nothing to see, which is an alert, and here after 2 s.
  await eventually('nothing is told of a relay that is well', async () => (await firing()).length === 0, 30_000);

  breakCoturn();
  const told = await mailWith('CoturnDown', 'CRITICAL');
  expect(told).toMatchObject({ from: 'alerts@example.org', to: ['on-call@example.org'] });
  expect(told.mail.subject).toMatch(new RegExp(`^\\[CRITICAL\\] ${instance}: .*CoturnDown`));
  const text = unwrapped(told.mail.text);
  expect(text).toContain(`coturn is down on ${instance}`);
  expect(text).toContain(`Ask why with \`curl http://${instance}/-/ready\``);
  expect(text).toContain('runbook.md#coturndown');
  // What the mail says to do shows the reason.
  const ready = await home.get('/-/ready');
  expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('coturn is not running')]);
  await eventually('the webhook is told', () => notifications.some((one) => tells(one, 'firing', instance)), 30_000);

  mendCoturn();
  await eventually('coturn is up', async () => (await home.get('/-/ready')).status === 200, 60_000);
  const over = await mailWith('CoturnDown', 'resolved');
  expect(over.mail.subject).toContain(`[resolved] ${instance}: `);
  expect(unwrapped(over.mail.text)).toContain(`It is over: coturn is down on ${instance}`);
  await eventually('the webhook is told', () => notifications.some((one) => tells(one, 'resolved', instance)), 30_000);
});

test('the agent is killed: a mail says so', async () => {
  await home.stopAll('SIGKILL');
  const told = await mailWith('TurnkeeperDown', 'CRITICAL');
  expect(told.mail.subject).toBe(`[CRITICAL] ${new URL(home.url).host}: TurnkeeperDown`);
  expect(unwrapped(told.mail.text)).toContain('it takes over the coturn that runs');
});

/** The names of the alerts that fire. */
async function firing(): Promise<string[]> {
  const data = await prometheus?.api('alerts');
  const { alerts } = data as { alerts: { state: string; labels: Record<string, string> }[] };
  return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname'] ?? '');
}

function binary(): string {
  return join(home.path, 'turnserver');
}

/** coturn dies, and what would be started instead ends at once. */
function breakCoturn(): void {
  const broken = join(home.path, 'broken');
  writeFileSync(broken, '#!/bin/sh\necho "no such disk"\nexit 3\n', { mode: 0o755 });
  const pid = home.coturnPid();
  renameSync(broken, binary());
  process.kill(pid, 'SIGKILL');
}

function mendCoturn(): void {
  rmSync(binary());
  symlinkSync(TURNSERVER, binary());
}

/** The first mail whose subject has both. */
async function mailWith(alert: string, word: string): Promise<ReceivedMail> {
  const found = (): ReceivedMail | undefined =>
    smtp.mails.find(({ mail }) => mail.subject?.startsWith(`[${word}] `) && mail.subject.includes(alert));
  await eventually(`a mail of ${alert}, ${word}`, () => found() !== undefined, 90_000).catch((error: unknown) => {
    const subjects = smtp.mails.map(({ mail }) => mail.subject);
    throw new Error(`mails: ${JSON.stringify(subjects)}\n${alertmanager?.log ?? ''}`, { cause: error });
  });
  return found() as ReceivedMail;
}

function unwrapped(text = ''): string {
  return text.replaceAll(/\s+/g, ' ');
}

function tells({ status, groupLabels, alerts }: Notification, wanted: string, instance: string): boolean {
  const down = alerts.find(({ labels }) => labels['alertname'] === 'CoturnDown');
  return (status === wanted || down?.status === wanted) && groupLabels['instance'] === instance && down !== undefined;
}

async function startWebhook(): Promise<Server> {
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      notifications.push(body as Notification);
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}
