import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import type { Message } from 'protobufjs';
import { eventually } from './eventually';
import { decodeJson, EXPORT_PATH, requestType, responseType } from './otlp-definitions';
import { spansOf, type ReceivedSpan } from './otlp-spans';

/** A receiver of OTLP traces on loopback, over HTTP (protobuf and JSON) or gRPC. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Content types, in the order of the requests; `grpc` for gRPC. */
  readonly requests: string[] = [];
  /** While true it takes requests, and does not answer them. */
  silent = false;
  private readonly open = new Set<ServerResponse>();

  private constructor(
    readonly url: string,
    private readonly close: () => Promise<void>,
  ) {}

  static async http(): Promise<OtlpReceiver> {
    const server = createServer((request, response) => {
      void receiver.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const receiver = new OtlpReceiver(`http://127.0.0.1:${port}`, () => closed(server));
    return receiver;
  }

  static async grpc(): Promise<OtlpReceiver> {
    const server = new Server();
    server.addService(SERVICE, {
      export: (call: { request: Message }, done: (error: null, response: object) => void) => {
        receiver.take('grpc', call.request);
        done(null, {});
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    const receiver = new OtlpReceiver(`http://127.0.0.1:${port}`, () => {
      server.forceShutdown();
      return Promise.resolve();
    });
    return receiver;
  }

  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** Waits for `count` spans of a name. */
  async wait(name: string, count = 1): Promise<readonly ReceivedSpan[]> {
    await eventually(`${count} spans ${name} arrive`, () => this.named(name).length >= count, 60_000);
    return this.named(name);
  }

  async stop(): Promise<void> {
    for (const response of this.open) response.destroy();
    await this.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.silent) {
      this.open.add(response);
      return;
    }
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const type = request.headers['content-type'] ?? '';
    this.take(type, type === 'application/json' ? decodeJson(body.toString()) : requestType.decode(body));
    response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
  }

  private take(type: string, request: Message): void {
    this.requests.push(type);
    this.spans.push(...spansOf(request));
  }
}

const SERVICE: ServiceDefinition = {
  export: {
    path: EXPORT_PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: object) => Buffer.from(requestType.encode(value).finish()),
    requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
    responseSerialize: (value: object) => Buffer.from(responseType.encode(value).finish()),
    responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
  },
};

async function closed(server: HttpServer): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
