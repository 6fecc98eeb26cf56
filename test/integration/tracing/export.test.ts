import { createServer } from 'node:net';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { OtlpReceiver } from '../../support/otlp-receiver';
import { stopTracing, tracingWith } from './harness';

let receiver: OtlpReceiver | undefined;

afterEach(async () => {
  await stopTracing();
  await receiver?.stop();
  receiver = undefined;
});

const pastSpan = (name: string) => ({
  name,
  attributes: { text: 'ä', number: 4_294_967_296, flag: true, list: ['udp', 'tcp'] },
  startedAt: 1_700_000_000_123,
  endedAt: 1_700_000_360_456,
  events: [{ name: 'created', at: 1_700_000_000_124, attributes: { why: 'it was asked for' } }],
});

describe.each([
  ['http/protobuf', 'application/x-protobuf'],
  ['http/json', 'application/json'],
  ['grpc', 'grpc'],
] as const)('over %s', (protocol, type) => {
  test('a span arrives as it was recorded, read with the official definitions', async () => {
    receiver = await (protocol === 'grpc' ? OtlpReceiver.grpc() : OtlpReceiver.http());
    const tracing = await tracingWith({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const root = tracing.record(pastSpan('root'));
    const link = { to: root, attributes: { of: 'the root' } };
    tracing.record({ ...pastSpan('child'), parent: root, links: [link], failure: 'it broke' });
    await tracing.stop();
    expect(receiver.requests).toEqual([type]);
    const [first, second] = receiver.spans;
    expect(first).toMatchObject({
      ...{ name: 'root', traceId: root.traceId, spanId: root.spanId, parentSpanId: '' },
      ...{ startedAt: 1_700_000_000_123, endedAt: 1_700_000_360_456, status: 'STATUS_CODE_UNSET' },
      attributes: { text: 'ä', number: 4_294_967_296, flag: true, list: ['udp', 'tcp'] },
      events: [{ name: 'created', at: 1_700_000_000_124, attributes: { why: 'it was asked for' } }],
      resource: { 'service.name': 'turnkeeper', 'service.version': '1.2.3', 'deployment.environment.name': 'test' },
    });
    expect(second).toMatchObject({
      ...{ traceId: root.traceId, parentSpanId: root.spanId, status: 'STATUS_CODE_ERROR' },
      links: [{ traceId: root.traceId, spanId: root.spanId, attributes: { of: 'the root' } }],
    });
  });
});

test('OTEL_SERVICE_NAME names the service, and neither user nor command line of the process is told', async () => {
  receiver = await OtlpReceiver.http();
  const variables = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`, OTEL_SERVICE_NAME: 'relay-7' };
  const tracing = await tracingWith(variables);
  tracing.record(pastSpan('root'));
  await tracing.stop();
  const { resource } = receiver.spans[0] ?? {};
  expect(resource).toMatchObject({ 'service.name': 'relay-7' });
  expect(Object.keys(resource ?? {}).filter((name) => name.startsWith('process.'))).toEqual([]);
});

test('the ratio sampler keeps the share that it is told', async () => {
  receiver = await OtlpReceiver.http();
  const tracing = await tracingWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
  });
  const roots = Array.from({ length: 400 }, () => tracing.record(pastSpan('root')));
  await tracing.stop();
  const sampled = roots.filter(({ isSampled }) => isSampled).length;
  expect(receiver.spans).toHaveLength(sampled);
  expect(sampled).toBeGreaterThan(120);
  expect(sampled).toBeLessThan(280);
});

describe('a receiver that', () => {
  const QUEUE = { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '50' };

  test('never answers costs what has no room in the queue, counted, and holds up the stop for 2 s at most', async () => {
    receiver = await OtlpReceiver.http();
    receiver.silent = true;
    const timeouts = { OTEL_EXPORTER_OTLP_TIMEOUT: '4000', OTEL_BSP_EXPORT_TIMEOUT: '4000' };
    const tracing = await tracingWith({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...QUEUE, ...timeouts });
    const began = performance.now();
    for (let n = 0; n < 1000; n++) tracing.record(pastSpan('span'));
    expect(performance.now() - began).toBeLessThan(2000);
    // One batch is under way; the queue holds its hundred.
    expect((await tracing.counts()).dropped.queue).toBeGreaterThanOrEqual(850);
    expect((await tracing.counts()).dropped.queue).toBeLessThan(1000);
    const stopped = performance.now();
    await tracing.stop();
    expect(performance.now() - stopped).toBeLessThan(3000);
  });

  test('is away costs the spans, counted, and is complained of once', async () => {
    const [port = 0] = await freePorts(1);
    const log: string[] = [];
    const tracing = await tracingWith(
      {
        ...{ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_EXPORTER_OTLP_TIMEOUT: '500' },
        ...{ OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2', OTEL_BSP_SCHEDULE_DELAY: '10' },
      },
      log,
    );
    for (const name of ['first', 'second', 'third']) {
      tracing.record(pastSpan(name));
      const before = (await tracing.counts()).dropped.export;
      await eventually('it is given up', async () => (await tracing.counts()).dropped.export > before, 20_000);
    }
    expect((await tracing.counts()).exported).toBe(0);
    expect(log.filter((line) => line.includes('traces can not be exported'))).toHaveLength(1);
    expect(log.join('')).not.toContain('hunter2');
  });

  test('answers with nonsense ends nothing', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('\u0000nonsense\r\n\r\n'));
    const [port = 0] = await freePorts(1);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: '10' };
    const tracing = await tracingWith({ ...variables, OTEL_EXPORTER_OTLP_TIMEOUT: '500' });
    tracing.record(pastSpan('root'));
    await eventually('it is given up', async () => (await tracing.counts()).dropped.export > 0, 20_000);
    server.close();
  });
});
