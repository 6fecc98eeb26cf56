import { UserError } from '../lib/errors';
import { percentDecoded } from '../lib/percent-decoded';

export type Environment = Readonly<Record<string, string | undefined>>;

const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'];
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
const PROTOCOL_NAMES = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];
const HEADER_NAMES = ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'];

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
  const isGrpc = PROTOCOL_NAMES.map((name) => textIn(env[name])).find((text) => text !== undefined) === 'grpc';
  for (const name of endpoints) checkEndpoint(name, env[name], isGrpc);
  for (const name of HEADER_NAMES) checkHeaders(name, env[name]);
  return true;
}

/** The endpoint may hold a password: it is not shown. gRPC's may also be host:port. */
function checkEndpoint(name: string, value: string | undefined, isGrpc: boolean): void {
  const text = textIn(value) ?? '';
  if (/^https?:\/\/[^\s/]/.test(text) ? URL.canParse(text) : isGrpc && /^[\w.-]+:\d+$/.test(text)) return;
  throw new UserError('bad_config', `${name} must be a URL such as http://collector.example.org:4318: correct it.`);
}

/** What can't be sent OpenTelemetry passes over, or shows in its complaint (grpc-js 1.x, metadata.js): it may be a password. */
function checkHeaders(name: string, value: string | undefined): void {
  if (listIn(value).every((entry) => entry === '' || isHeader(entry))) return;
  throw new UserError(
    'bad_config',
    `${name} must be a list such as authorization=Bearer%20...,x-tenant=a, with %20 and the like for what is no ASCII letter or digit: correct it.`,
  );
}

function isHeader(entry: string): boolean {
  const at = entry.indexOf('=');
  const [name, value] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)].map((part) =>
    percentDecoded(part.trim()),
  );
  // RFC 9110, 5.6.2 and 5.5; gRPC takes no tab.
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name ?? '') && /^[ -~]+$/.test(value ?? '');
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
