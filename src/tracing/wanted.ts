import { UserError } from '../lib/errors';

export type Environment = Readonly<Record<string, string | undefined>>;

const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'];
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
const PROTOCOL_NAMES = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];

/**
 * Whether OpenTelemetry's variables ask for traces: an endpoint is named, or `otlp` among the exporters, which then
 * means localhost (OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter").
 * Throws UserError `bad_config` for what the exporter could not use.
 */
export function tracesWanted(env: Environment): boolean {
  const exporters = listIn(env['OTEL_TRACES_EXPORTER']);
  if (textIn(env['OTEL_SDK_DISABLED'])?.toLowerCase() === 'true' || exporters.includes('none')) return false;
  const endpoints = ENDPOINTS.filter((name) => textIn(env[name]) !== undefined);
  if (endpoints.length === 0 && !exporters.includes('otlp')) return false;
  for (const name of PROTOCOL_NAMES) checkProtocol(name, env[name]);
  for (const name of endpoints) checkEndpoint(name, env[name]);
  return true;
}

/** The endpoint may hold a password: it is not shown. */
function checkEndpoint(name: string, value: string | undefined): void {
  const text = textIn(value) ?? '';
  // gRPC's may also be host:port.
  if (/^https?:\/\/[^\s/]/.test(text) ? URL.canParse(text) : /^[\w.-]+:\d+$/.test(text)) return;
  throw new UserError('bad_config', `${name} must be a URL such as http://collector.example.org:4318: correct it.`);
}

function checkProtocol(name: string, value: string | undefined): void {
  const text = textIn(value);
  if (text === undefined || PROTOCOLS.includes(text)) return;
  const shown = JSON.stringify(text.slice(0, 64));
  throw new UserError('bad_config', `${name} is ${shown}: set it to one of ${PROTOCOLS.join(', ')}.`);
}

/** OpenTelemetry takes an empty variable for one that is not set. */
function textIn(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

function listIn(value: string | undefined): readonly string[] {
  return (textIn(value) ?? '').split(',').map((name) => name.trim());
}
