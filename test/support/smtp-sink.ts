import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  /** Of the envelope. */
  readonly from: string;
  readonly to: readonly string[];
  readonly mail: Email;
  /** As it came. */
  readonly raw: string;
}

export interface SmtpSinkOptions {
  /** Who may send; everybody without it. */
  readonly login?: { readonly user: string; readonly password: string };
  /** PEM; TLS from the start with it. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A real SMTP server on a free loopback port, which keeps what it gets. */
export class SmtpSink {
  readonly mails: ReceivedMail[] = [];
  /** Mails that are still to be refused, with 451: try again later. */
  refusals = 0;
  private readonly server: SMTPServer;

  private constructor({ login, tls }: SmtpSinkOptions) {
    const options: SMTPServerOptions = {
      ...(tls ? { ...tls, secure: true } : { disabledCommands: ['STARTTLS'] }),
      authOptional: !login,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        const isRight = username === login?.user && password === login?.password;
        if (isRight) done(null, { user: username });
        else done(new Error('Invalid username or password'));
      },
      onData: (stream, { envelope }, done) => {
        buffer(stream)
          .then((raw) => this.take(raw, envelope))
          .then(() => {
            done();
          }, done);
      },
    };
    this.server = new SMTPServer(options);
    // A client that goes away in the middle is no fault of the server.
    this.server.on('error', () => undefined);
  }

  static async start(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(options);
    await once(sink.server.listen(0, '127.0.0.1'), 'listening');
    return sink;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(resolve);
    });
  }

  private async take(raw: Buffer, { mailFrom, rcptTo }: Envelope): Promise<void> {
    if (this.refusals > 0) {
      this.refusals--;
      throw Object.assign(new Error('try again later'), { responseCode: 451 });
    }
    this.mails.push({
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      mail: await PostalMime.parse(raw),
      raw: raw.toString(),
    });
  }
}

interface Envelope {
  readonly mailFrom: false | { readonly address: string };
  readonly rcptTo: readonly { readonly address: string }[];
}
