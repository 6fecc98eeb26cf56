import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

/** How many files of OpenTelemetry are loaded once traces were asked for, or not; prom-client itself loads the api. */
function loaded(environment: Record<string, string>): number {
  const program = `
    require('./src/app'); require('./src/compose/agent');
    const { startTracing } = require('./src/tracing/start');
    const { systemClock } = require('./src/lib/clock');
    startTracing({ environment: process.env, version: '0', clock: systemClock, logger: { warn: () => {} } }).then(async (tracing) => {
      process.stdout.write(String(Object.keys(require.cache).filter((file) => /@opentelemetry.(?!api.)|@grpc/.test(file)).length));
      await tracing?.stop();
    });`;
  const flags = ['--require', join(ROOT, 'test/support/register-typescript.js'), '-e', program];
  const env = { ...process.env, ...environment };
  return Number(execFileSync(process.execPath, flags, { cwd: ROOT, encoding: 'utf8', env }));
}

test('without an endpoint nothing of OpenTelemetry is loaded', () => {
  expect(loaded({})).toBe(0);
  expect(loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'true' })).toBe(0);
});

test('with one it is', () => {
  expect(loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })).toBeGreaterThan(20);
});
