import { tracesWanted } from '../../../src/tracing/wanted';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false],
  [{ OTEL_SERVICE_NAME: 'relay' }, false],
  [{ OTEL_TRACES_EXPORTER: 'console' }, false],
  [ENDPOINT, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }, true],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
  [{ OTEL_TRACES_EXPORTER: 'console, otlp' }, true],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'True' }, false],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, true],
])('%j asks for traces: %j', (environment, wanted) => {
  expect(tracesWanted(environment)).toBe(wanted);
});

test.each(['collector', 'ftp://collector', 'http://', 'http://user:hunter2@ho st'])(
  'the endpoint %j is refused, and not shown',
  (endpoint) => {
    const name = 'OTEL_EXPORTER_OTLP_ENDPOINT';
    expect(() => tracesWanted({ [name]: endpoint })).toThrow(`${name} must be a URL`);
    expect(() => tracesWanted({ [name]: endpoint })).not.toThrow(/hunter2/);
  },
);

test('a protocol that there is not is refused, with those that there are', () => {
  const environment = { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http' };
  expect(() => tracesWanted(environment)).toThrow(
    'OTEL_EXPORTER_OTLP_PROTOCOL is "http": set it to one of grpc, http/protobuf, http/json.',
  );
});
