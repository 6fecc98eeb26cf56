/**
 * One relay, and all that one sees of it: coturn, the agent, Prometheus with the rules, Alertmanager, a mail server, an
 * OTLP receiver; real clients and a libwebrtc call; coturn dies and does not come back at once.
 */
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileOf, PLANS } from '../scripts/dashboards/all';
import { panelTable, panelValues, type Series } from '../scripts/dashboards/panel-values';
import { queriesOf } from '../scripts/dashboards/queries';
import { AgentHome } from '../test/support/agent';
import { alertingPrometheus, writeAlertmanagerConfig } from '../test/support/alerting';
import { Alertmanager } from '../test/support/alertmanager';
import { eventually } from '../test/support/eventually';
import { OtlpReceiver } from '../test/support/otlp-receiver';
import type { ReceivedSpan } from '../test/support/otlp-spans';
import { Prometheus } from '../test/support/prometheus';
import { SmtpSink } from '../test/support/smtp-sink';
import { uclient } from '../test/support/uclient';
import { relayedCall } from '../test/support/webrtc-call';
import { heading, say } from './say';

const TURNSERVER = '/usr/bin/turnserver';
const PASSWORD = 'of the demonstration';

interface Stage {
  readonly home: AgentHome;
  readonly smtp: SmtpSink;
  readonly traces: OtlpReceiver;
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  remove(): Promise<void>;
}

async function build(): Promise<Stage> {
  const home = await AgentHome.create();
  symlinkSync(TURNSERVER, binaryOf(home));
  home.configure({ binary: binaryOf(home) }, { network: { devices: ['lo'], capacityMbps: 1000 } });
  const smtp = await SmtpSink.start({ login: { user: 'alerts@example.org', password: PASSWORD } });
  const webhook = createServer((request, response) => request.resume().once('end', () => response.end()));
  await once(webhook.listen(0, '127.0.0.1'), 'listening');
  const traces = await OtlpReceiver.http();
  await home.start({ OTEL_EXPORTER_OTLP_ENDPOINT: traces.url, OTEL_BSP_SCHEDULE_DELAY: '200' });
  const webhookPort = (webhook.address() as AddressInfo).port;
  const receivers = { smtpPort: smtp.port, smtpPassword: PASSWORD, webhookPort };
  const alertmanager = await Alertmanager.start(home.path, writeAlertmanagerConfig(home.path, receivers));
  const config = alertingPrometheus(home.path, alertmanager.address, new URL(home.url).host);
  const prometheus = await Prometheus.start(home.path, config);
  const remove = async (): Promise<void> => {
    await prometheus.stop();
    await alertmanager.stop();
    await smtp.stop();
    await traces.stop();
    webhook.close();
    await home.remove();
  };
  return { home, smtp, traces, prometheus, alertmanager, remove };
}

function binaryOf(home: AgentHome): string {
  return join(home.path, 'turnserver');
}

async function traffic({ home }: Stage): Promise<void> {
  const clients = await uclient(home, 'bob', { messages: 200 });
  const { iceServers } = await home.credential('alice');
  const first = iceServers.map((server) => ({ ...server, urls: server.urls.slice(0, 1) }));
  const bytes = await relayedCall(first, 2_000_000);
  await clients.done;
  say(`a libwebrtc call carried ${bytes} bytes over the relay, and turnutils_uclient 400 messages`);
}

async function crash({ home, smtp }: Stage): Promise<void> {
  const broken = join(home.path, 'broken');
  writeFileSync(broken, '#!/bin/sh\necho "no such disk"\nexit 3\n', { mode: 0o755 });
  const pid = home.coturnPid();
  renameSync(broken, binaryOf(home));
  process.kill(pid, 'SIGKILL');
  await mailWith(smtp, 'CRITICAL');
  rmSync(binaryOf(home));
  symlinkSync(TURNSERVER, binaryOf(home));
  await mailWith(smtp, 'resolved');
}

async function mailWith(smtp: SmtpSink, word: string): Promise<void> {
  const found = () => smtp.mails.find(({ mail }) => mail.subject?.startsWith(`[${word}]`));
  await eventually(`a mail: ${word}`, () => found() !== undefined, 120_000);
  const mail = found()?.mail;
  say(`Subject: ${mail?.subject ?? ''}\n\n${(mail?.text ?? '').replace(/^/gm, '  ')}`);
}

async function showTrace({ traces }: Stage): Promise<void> {
  const relayed = (): ReceivedSpan | undefined =>
    traces.named('turn.session').find(({ attributes }) => attributes['turn.relayed'] === true);
  await eventually('the trace of a session', () => relayed() !== undefined, 60_000);
  const root = relayed();
  if (!root) return;
  const spans = traces.spans
    .filter(({ traceId }) => traceId === root.traceId)
    .sort((a, b) => a.startedAt - b.startedAt);
  for (const span of spans) showSpan(span, root);
}

function showSpan({ name, spanId, startedAt, endedAt, attributes, events }: ReceivedSpan, root: ReceivedSpan): void {
  const indent = spanId === root.spanId ? '' : '  ';
  say(`${indent}${name}  +${Math.round(startedAt - root.startedAt)} ms, ${Math.round(endedAt - startedAt)} ms`);
  const shown = Object.entries(attributes).filter(([key]) => /bytes|transport|reason|user/.test(key));
  for (const [key, value] of shown) say(`${indent}    ${key}: ${String(value)}`);
  for (const event of events) say(`${indent}    * ${event.name}  +${Math.round(event.at - root.startedAt)} ms`);
}

async function showPanels({ home, prometheus }: Stage): Promise<void> {
  const ask = async (expr: string): Promise<readonly Series[]> =>
    ((await prometheus.api(`query?query=${encodeURIComponent(expr)}`)) as { result: Series[] }).result;
  const queries = PLANS.flatMap((plan) => queriesOf(readFileSync(join(__dirname, '..', fileOf(plan)), 'utf8')));
  const instance = new URL(home.url).host;
  const variables = { job: 'turnkeeper', instance, realm: '.*', prefix: 'mediasoup_', __rate_interval: '5m' };
  say(panelTable(await panelValues(queries, variables, ask)));
}

async function run(): Promise<void> {
  const stage = await build();
  const input = createInterface({ input: process.stdin, output: process.stdout });
  const pause = async (what: string): Promise<void> => {
    if (process.stdin.isTTY) await input.question(`\n[Enter] ${what} `);
  };
  try {
    heading('To open');
    say(`agent         ${stage.home.url}/`);
    say(`Prometheus    ${stage.prometheus.url}/alerts`);
    say(`Alertmanager  http://${stage.alertmanager.address}/`);
    heading('Traffic');
    await traffic(stage);
    await pause('coturn dies, and can not be started again until the alert has arrived');
    heading('The mails');
    await crash(stage);
    heading('A session, as a trace');
    await showTrace(stage);
    heading('Every panel of the dashboards, with its value');
    await showPanels(stage);
    await pause('ends it all');
  } finally {
    input.close();
    await stage.remove();
  }
}

const ended = once(process, 'SIGINT').then(() => process.exit(130));
void Promise.race([run().then(() => process.exit()), ended]);
