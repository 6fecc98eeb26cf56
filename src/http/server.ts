import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { formatListenAddress, type ListenAddress } from '../config/units';
import type { Service } from '../lib/services';
import { createApp, type AppOptions } from './app';
import { BcryptThread } from './basic-auth/bcrypt-thread';
import { PasswordVerifier } from './basic-auth/password-verifier';
import { onClientError } from './client-error';
import { Connections } from './connections';
import { applyLimits, DEFAULT_LIMITS, serverOptions, type ServerLimits } from './limits';
import { listen } from './listen';
import { accepts, shownCertificate } from '../web-config/client-certificate';
import { LiveWebConfig } from '../web-config/live';
import type { WebConfig } from '../web-config/load';
import { secureContextOptions } from '../web-config/tls-context';

export interface HttpServerOptions extends AppOptions {
  readonly listen: ListenAddress;
  /** exporter-toolkit's format. */
  readonly webConfigFile?: string | undefined;
  readonly limits?: Partial<ServerLimits>;
}

export interface HttpServer extends Service {
  /** Where it listens; the port is the real one when 0 was asked for. Throws before the start. */
  address(): ListenAddress;
  /** `http://127.0.0.1:9642`, or `https:` with TLS. */
  url(): string;
}

/** `start` throws `bad_config`, or why it can't listen there; `stop` lets requests under way end, up to a deadline. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  return new ExpressServer(options);
}

class ExpressServer implements HttpServer {
  readonly name = 'http';
  private readonly limits: ServerLimits;
  private readonly web: LiveWebConfig;
  private readonly bcrypt = new BcryptThread();
  private readonly stopping = new AbortController();
  private running: { readonly server: Server | TlsServer; readonly connections: Connections } | undefined;

  constructor(private readonly options: HttpServerOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.web = new LiveWebConfig(options.webConfigFile, options.clock, options.logger);
  }

  async start(): Promise<void> {
    const { tls } = await this.web.load();
    const app = createApp(this.options, {
      webConfig: () => this.web.current,
      passwords: new PasswordVerifier((password, hash) => this.bcrypt.compare(password, hash)),
      boundAddress: () => this.address().host,
      baseUrl: () => this.url(),
      stopping: this.stopping.signal,
    }) as RequestListener;
    const server = tls ? this.createTls(tls, app) : createServer(serverOptions(this.limits), app);
    applyLimits(server, this.limits);
    server.on('clientError', onClientError);
    const connections = new Connections(server);
    await listen(server, this.options.listen);
    // Without a listener a connection that can't be accepted (EMFILE) would end the process.
    server.on('error', (error) => {
      this.options.logger.error({ err: error }, 'the HTTP server could not accept a connection');
    });
    this.running = { server, connections };
    this.web.watch(this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running?.connections.close(this.limits.stopDeadlineMs, this.options.clock);
    await this.bcrypt.stop();
  }

  address(): ListenAddress {
    const bound = this.running?.server.address();
    if (bound === undefined || bound === null || typeof bound === 'string')
      throw new Error('the server does not listen');
    return { host: bound.address, port: bound.port };
  }

  url(): string {
    return `${this.web.current.tls ? 'https' : 'http'}://${formatListenAddress(this.address())}`;
  }

  private createTls(tls: NonNullable<WebConfig['tls']>, app: RequestListener): TlsServer {
    const requestCert = tls.clientAuth !== 'NoClientCert';
    const server = createTlsServer(
      { ...serverOptions(this.limits), ...secureContextOptions(tls), requestCert, rejectUnauthorized: false },
      app,
    );
    // Before the HTTP server's own listener, which would read requests from it.
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      const policy = this.web.current.tls;
      if (policy === undefined || !accepts(policy, shownCertificate(socket))) socket.destroy();
    });
    this.web.onChange = (config) => {
      if (config.tls) server.setSecureContext(secureContextOptions(config.tls));
    };
    return server;
  }
}
