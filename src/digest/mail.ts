import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { EmailConfig } from '../config/digest';
import { codesOf, NotSent, type Channel } from './channel';
import type { Digest } from './digest';
import { subjectOf, textOf } from './digest-text';
import { smtpServerOf, type SmtpServer } from './smtp-server';

/** Sends the digest as a mail. */
export function mailChannel({ smtp, from, to }: EmailConfig): Channel {
  const server = smtpServerOf(smtp);
  return {
    name: 'email',
    async send(digest, signal) {
      try {
        await deliver(server, { from, to: [...to], ...messageOf(digest) }, signal);
      } catch (error) {
        throw new NotSent(`the mail server did not take it (${codesOf(error)})`);
      }
    },
  };
}

/** The same Message-ID however often it is sent: who gets it twice can tell. */
function messageOf(digest: Digest): object {
  return {
    subject: subjectOf(digest),
    text: textOf(digest),
    messageId: `<${digest.id.replaceAll(/[^\w.-]/g, '-')}@turnkeeper>`,
    // RFC 3834: nobody's holiday answer is wanted.
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

/** The connection is ours, so that the signal ends it at whatever moment. */
async function deliver(server: SmtpServer, message: object, signal: AbortSignal): Promise<void> {
  const connection: Socket = connect({ host: server.host, port: server.port, signal });
  // Whoever waits for it learns what went wrong; a signal that comes between two waits would end the process otherwise.
  connection.on('error', () => undefined);
  try {
    await once(connection, 'connect', { signal });
    await createTransport({ ...server, connection, disableFileAccess: true, disableUrlAccess: true }).sendMail(message);
  } finally {
    connection.destroy();
  }
}
