import { AgentHome, type Agent } from '../support/agent';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { OtlpReceiver } from '../support/otlp-receiver';
import type { ReceivedSpan } from '../support/otlp-spans';
import { Prometheus } from '../support/prometheus';
import { uclient } from '../support/uclient';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
/** Of a caller that SkyWalking traces: sample, trace, segment, span, service, instance, endpoint, peer. */
const SW8 = [
  '1',
  ...['a4ec.74.1621838110455', 'seg.74.16'].map(base64),
  '2',
  ...['shop', 'shop@1', '/buy', 'x:80'].map(base64),
].join('-');

/** As Prometheus answers of exemplars. */
interface Series {
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

let home: AgentHome;
let receiver: OtlpReceiver;
let agent: Agent;

beforeAll(async () => {
  receiver = await OtlpReceiver.http();
  home = await AgentHome.create({}, { log: { format: 'json' } });
  agent = await home.start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '200' });
});

afterAll(async () => {
  await home.remove();
  await receiver.stop();
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A credential asked for with these headers. */
async function issued(user: string, headers: Record<string, string>): Promise<{ username: string; password: string }> {
  const response = await fetch(`${home.url}/v1/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ user }),
  });
  return (await response.json()) as { username: string; password: string };
}

/** Of the session that relayed: an allocation without traffic that outlives it makes another record. */
async function recordOf(user: string): Promise<Record<string, unknown>> {
  const find = async (): Promise<Record<string, unknown> | undefined> => {
    const { text } = await home.get(`/v1/usage?user=${user}`);
    return (JSON.parse(text) as { records: Record<string, unknown>[] }).records.find(({ relayed }) => relayed === true);
  };
  await eventually('the session has its record', async () => (await find()) !== undefined, 60_000);
  return (await find()) ?? {};
}

async function sessionOf(user: string): Promise<ReceivedSpan> {
  const { id } = await recordOf(user);
  const find = (): ReceivedSpan | undefined =>
    receiver.named('turn.session').find(({ attributes }) => attributes['turnkeeper.session.id'] === id);
  await eventually(`the trace of the session of ${user} arrives`, () => find() !== undefined, 60_000);
  return find() as ReceivedSpan;
}

function sum(spans: readonly ReceivedSpan[], key: string): number {
  return spans.reduce((all, { attributes }) => all + Number(attributes[key]), 0);
}

describe('a session of real clients, whose credential was asked for by a traced caller', () => {
  let session: ReceivedSpan;
  let record: Record<string, unknown>;
  let allocations: ReceivedSpan[];
  let username: string;

  beforeAll(async () => {
    const credential = await issued('alice', { traceparent: `00-${TRACE}-${CALLER}-01` });
    ({ username } = credential);
    const clients = await uclient(home, 'alice', { credential });
    expect(await clients.done).toBe(0);
    [record, session] = await Promise.all([recordOf('alice'), sessionOf('alice')]);
    const ofSession = (): ReceivedSpan[] =>
      receiver.named('turn.allocation').filter(({ traceId }) => traceId === session.traceId);
    await eventually(
      'its allocations arrive, with all that they carried',
      () => sum(ofSession(), 'turn.client.received_bytes') === record['clientReceivedBytes'],
      30_000,
    );
    allocations = ofSession();
  });

  test('is a trace whose root has the times, the bytes and the id of the usage record', () => {
    expect(session.parentSpanId).toBe('');
    expect(new Date(session.startedAt).toISOString()).toBe(record['startedAt']);
    expect(new Date(session.endedAt).toISOString()).toBe(record['endedAt']);
    expect(session.attributes).toMatchObject({
      'turnkeeper.session.id': record['id'],
      'turn.realm': record['realm'],
      'turn.relayed': true,
      'turn.client.received_bytes': record['clientReceivedBytes'],
      'turn.client.sent_bytes': record['clientSentBytes'],
      'turn.peer.received_bytes': record['peerReceivedBytes'],
      'turn.peer.sent_bytes': record['peerSentBytes'],
      'turn.end_reason': record['endReason'],
    });
    expect(session.resource).toMatchObject({ 'service.name': 'turnkeeper' });
  });

  test('has a span for each allocation, which together carried what the record says', () => {
    expect(sum(allocations, 'turn.client.sent_bytes')).toBe(record['clientSentBytes']);
    expect(sum(allocations, 'turn.peer.sent_bytes')).toBe(record['peerSentBytes']);
    expect(sum(allocations, 'turn.peer.sent_bytes')).toBeGreaterThan(0);
    for (const { parentSpanId, attributes, startedAt, endedAt } of allocations) {
      expect(parentSpanId).toBe(session.spanId);
      expect(attributes['turn.transport']).toBe('udp');
      expect(startedAt).toBeGreaterThanOrEqual(session.startedAt);
      expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    }
  });

  test('tells what happened to an allocation that carried traffic, in its order', () => {
    const carrier = allocations.find(({ attributes }) => Number(attributes['turn.peer.sent_bytes']) > 0);
    const names = carrier?.events.map(({ name }) => name) ?? [];
    expect(names[0]).toBe('created');
    expect(names).toContain('first peer traffic');
    expect(names.at(-1)).toBe('closed');
    expect(carrier?.events.at(-1)?.attributes).toEqual({
      'turn.close_reason': carrier?.attributes['turn.close_reason'],
    });
    const times = carrier?.events.map(({ at }) => at) ?? [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test("links to the request that its credential was issued to, which is in the caller's trace", async () => {
    const request = (await receiver.wait('POST /v1/credentials')).find(({ traceId }) => traceId === TRACE);
    expect(request).toMatchObject({ parentSpanId: CALLER, kind: 'SPAN_KIND_SERVER' });
    expect(request?.attributes).toMatchObject({ 'http.route': '/v1/credentials', 'http.response.status_code': 201 });
    expect(session.links).toMatchObject([{ traceId: TRACE, spanId: request?.spanId }]);
    expect(session.attributes['turnkeeper.credential.trace_id']).toBe(TRACE);
    expect(session.attributes['turnkeeper.credential.id']).toBe(request?.attributes['turnkeeper.credential.id']);
  });

  test('no span holds the user name of the credential, nor its password', () => {
    expect(JSON.stringify(receiver.spans)).not.toContain(username);
  });

  test('the line that says that the credential was issued names the trace', () => {
    const lines = agent.output.split('\n').filter((line) => line.includes('a credential was issued'));
    expect(lines.find((line) => line.includes(`"trace_id":"${TRACE}"`))).toBeDefined();
  });

  test('shows as the exemplar of its histogram, in OpenMetrics alone', async () => {
    const openMetrics = await home.get('/metrics', { accept: 'application/openmetrics-text; version=1.0.0' });
    const bucket = /coturn_session_duration_seconds_bucket\{.*# \{trace_id="(\w+)",span_id="(\w+)"\}/.exec(
      openMetrics.text,
    );
    const sessions = receiver.named('turn.session').map(({ traceId, spanId }) => [traceId, spanId]);
    expect(sessions).toContainEqual(bucket?.slice(1));
    expect(openMetrics.text).toMatch(/coturn_credentials_duration_seconds_bucket\{.*# \{trace_id=/);
    expect((await home.get('/metrics')).text).not.toContain('trace_id');
  });

  test('leads from a bucket to its trace in Prometheus, which keeps the exemplars', async () => {
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'turnkeeper', static_configs: [{ targets: [new URL(home.url).host] }] }],
    };
    const prometheus = await Prometheus.start(home.path, config, ['exemplar-storage']);
    try {
      const query = 'query_exemplars?query=coturn_session_duration_seconds_bucket&start=0&end=9999999999';
      const kept = async (): Promise<readonly Series[]> => (await prometheus.api(query)) as Series[];
      await eventually('an exemplar is kept', async () => (await kept()).length > 0, 30_000);
      const traces = (await kept()).flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels['trace_id']));
      expect(receiver.named('turn.session').map(({ traceId }) => traceId)).toEqual(expect.arrayContaining(traces));
    } finally {
      await prometheus.stop();
    }
  });

  test('the records were written to SQLite in a span, and spans are counted', async () => {
    expect((await receiver.wait('sqlite INSERT'))[0]?.attributes).toMatchObject({ 'db.system.name': 'sqlite' });
    const page = await home.page();
    expect(total(page, 'turnkeeper_trace_spans_exported_total')).toBeGreaterThan(3);
    expect(total(page, 'turnkeeper_trace_spans_dropped_total')).toBe(0);
  });
});

test("a session leads to its caller's place in SkyWalking, whose header the request brought", async () => {
  const credential = await issued('bob', { sw8: SW8 });
  expect(await (await uclient(home, 'bob', { credential })).done).toBe(0);
  const session = await sessionOf('bob');
  const request = receiver.spans.find(({ spanId }) => spanId === session.links[0]?.spanId);
  expect(request?.attributes).toMatchObject({ 'sw8.trace_id': 'a4ec.74.1621838110455', 'sw8.service': 'shop' });
  expect(session.attributes).toMatchObject({ 'sw8.trace_id': 'a4ec.74.1621838110455', 'sw8.segment_id': 'seg.74.16' });
  expect(session.links).toHaveLength(2);
  expect(session.links[1]).toMatchObject({ traceId: request?.links[0]?.traceId });
});

test('a restart of coturn is a span from its death until it answers again', async () => {
  process.kill(home.coturnPid(), 'SIGKILL');
  const [restart] = await receiver.wait('coturn.restart');
  expect(restart?.attributes).toMatchObject({ 'turnkeeper.restart.reason': 'signal' });
  expect(restart?.status).toBe('STATUS_CODE_UNSET');
});

test('a rotation is a span', async () => {
  expect((await fetch(`${home.url}/v1/credentials/rotate`, { method: 'POST' })).status).toBe(200);
  const [rotation] = await receiver.wait('credentials.rotate');
  expect(rotation?.attributes).toMatchObject({ 'turnkeeper.rotation': 'now' });
  const [request] = await receiver.wait('POST /v1/credentials/rotate');
  expect(rotation?.parentSpanId).toBe(request?.spanId);
});
