import { dirname, join } from 'node:path';
import { Root, type Message, type Type } from 'protobufjs';

/**
 * OpenTelemetry's own definitions (opentelemetry-proto), as they lie in the last versions of
 * @opentelemetry/otlp-grpc-exporter-base that had them; package.json names it otlp-protos.
 */
const FOLDER = join(dirname(require.resolve('otlp-protos/package.json')), 'build/protos');
const SERVICE = 'opentelemetry/proto/collector/trace/v1/trace_service.proto';
const PACKAGE = 'opentelemetry.proto.collector.trace.v1';

function load(): Root {
  const root = new Root();
  root.resolvePath = (_from, path) => join(FOLDER, path);
  return root.loadSync(SERVICE);
}

const root = load();
export const requestType: Type = root.lookupType(`${PACKAGE}.ExportTraceServiceRequest`);
export const responseType: Type = root.lookupType(`${PACKAGE}.ExportTraceServiceResponse`);
export const EXPORT_PATH = `/${PACKAGE}.TraceService/Export`;

/** OTLP/JSON is protobuf's JSON, but for ids, which are hexadecimal ("OTLP Specification", "JSON Protobuf Encoding"). */
export function decodeJson(text: string): Message {
  const object = JSON.parse(text, (key, value: unknown) =>
    ['traceId', 'spanId', 'parentSpanId'].includes(key) ? Buffer.from(String(value), 'hex').toString('base64') : value,
  ) as Record<string, unknown>;
  const problem = requestType.verify(requestType.toObject(requestType.fromObject(object)));
  if (problem !== null) throw new Error(problem);
  return requestType.fromObject(object);
}
