import { traced } from '../../../src/lib/traced';
import { OtlpReceiver } from '../../support/otlp-receiver';
import { httpServer } from '../http/harness';
import type { Tracing } from '../../../src/tracing/tracing';
import { logFields } from '../../../src/tracing/log-fields';
import { stopTracing, tracingWith } from './harness';

let receiver: OtlpReceiver;
let tracing: Tracing;

beforeEach(async () => {
  receiver = await OtlpReceiver.http();
  tracing = await tracingWith({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
});

afterEach(async () => {
  await stopTracing();
  await receiver.stop();
});

class Store {
  private readonly kept: number[] = [];

  append(value: number): Promise<number> {
    this.kept.push(value);
    return Promise.resolve(this.kept.length);
  }

  fail(): Promise<never> {
    return Promise.reject(new Error('the disk is full'));
  }

  size(): number {
    return this.kept.length;
  }
}

test('calls of a traced object are spans within the one that they are made in; what fails says why', async () => {
  const store = traced(tracing, new Store(), {
    append: (value) => (value > 0 ? { name: 'append', kind: 'client', attributes: { value } } : undefined),
    fail: () => ({ name: 'fail' }),
    size: () => ({ name: 'size' }),
  });
  await tracing.run({ name: 'outer' }, async () => {
    expect(await store.append(7)).toBe(1);
    expect(await store.append(0)).toBe(2);
    await expect(store.fail()).rejects.toThrow('the disk is full');
    expect(store.size()).toBe(2);
  });
  await tracing.stop();
  const [outer] = receiver.named('outer');
  expect(receiver.named('append')).toMatchObject([{ parentSpanId: outer?.spanId, attributes: { value: 7 } }]);
  expect(receiver.named('fail')).toMatchObject([{ parentSpanId: outer?.spanId, status: 'STATUS_CODE_ERROR' }]);
  expect(receiver.named('size')).toHaveLength(1);
  expect(outer?.status).toBe('STATUS_CODE_UNSET');
});

test('what throws at once ends its span too, and goes on', async () => {
  const work = (): never => {
    throw new Error('no');
  };
  expect(() => tracing.run({ name: 'broken' }, work)).toThrow('no');
  await tracing.stop();
  expect(receiver.named('broken')).toMatchObject([{ status: 'STATUS_CODE_ERROR' }]);
});

test('a line of the log says in which span it is written, and outside of spans nothing', async () => {
  expect(logFields(tracing)).toEqual({});
  await tracing.run({ name: 'work' }, async () => {
    await Promise.resolve();
    expect(logFields(tracing)).toEqual({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
  });
});

test('a call over HTTP is named after its route, never after its path; health checks are no spans', async () => {
  const server = httpServer({ tracing });
  await server.start();
  try {
    for (const path of ['/v1/sessions/secret-user', '/no/such/secret', '/-/healthy', '/-/ready']) {
      await (await fetch(`${server.url()}${path}`)).arrayBuffer();
    }
  } finally {
    await server.stop();
  }
  await tracing.stop();
  expect(
    receiver.spans.map(({ name, kind, attributes }) => [name, kind, attributes['http.response.status_code']]),
  ).toEqual([
    ['GET /v1/sessions/:id', 'SPAN_KIND_SERVER', 404],
    ['GET', 'SPAN_KIND_SERVER', 404],
  ]);
  expect(JSON.stringify(receiver.spans)).not.toContain('secret');
});

test.each([
  ['00-00000000000000000000000000000000-b7ad6b7169203331-01', 'an id of zeros'],
  ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', 'capitals'],
  ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'a version that must not be'],
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more', 'more than version 00 has'],
  ['x'.repeat(5000), 'thousands of characters'],
])('a traceparent that is none (%#) begins no span of another trace', async (traceparent) => {
  tracing.serve({ traceparent }, 'call', (span) => {
    span.end({ name: 'call', attributes: {} });
  });
  await tracing.stop();
  expect(receiver.named('call')).toMatchObject([{ parentSpanId: '' }]);
  expect(receiver.named('call')[0]?.traceId).not.toMatch(/^0af7|^0{32}/i);
});

test('traces that a caller does not sample are not sent', async () => {
  tracing.serve({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }, 'call', (span) => {
    expect(span.ref).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', isSampled: false });
    span.end({ name: 'call', attributes: {} });
  });
  await tracing.stop();
  expect(receiver.spans).toEqual([]);
});
