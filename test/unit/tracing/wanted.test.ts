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

test.each(['collector', 'collector:4317', 'ftp://collector', 'http://', 'http://user:hunter2@ho st'])(
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

test.each(['a=b', 'authorization=Bearer%20hunter2,x-tenant=a b', ' api-key = a== , ', ''])(
  'the headers %j can be sent',
  (headers) => {
    expect(tracesWanted({ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: headers })).toBe(true);
  },
);

// The first as curl has it; what is behind a = would be the value, and the rest the name, which is shown.
test.each([
  'Authorization: Bearer hunter2==',
  'authorization: hunter2',
  'hunter2',
  'authorization=',
  '=hunter2',
  'a=b,authorization=hunter2%C3%A9',
  'authorization=hunter2%0A',
  'authorization=%zzhunter2',
  'authorization%3A%20hunter2=a',
])('the headers %j are refused, and not shown', (headers) => {
  for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    expect(() => tracesWanted({ ...ENDPOINT, [name]: headers })).toThrow(`${name} must be a list`);
    expect(() => tracesWanted({ ...ENDPOINT, [name]: headers })).not.toThrow(/hunter2/);
  }
});
