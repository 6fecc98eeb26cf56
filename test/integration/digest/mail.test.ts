import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { DigestBuilder, type Digest } from '../../../src/digest/digest';
import { mailChannel } from '../../../src/digest/mail';
import { selfSigned, temporaryDirectory } from '../../support/coturn';
import { SmtpSink, type SmtpSinkOptions } from '../../support/smtp-sink';
import { usageRecord } from '../usage/store-contract';

const LOGIN = { user: 'bob', password: 'hunter2 & co' };
const { signal } = new AbortController();
let sink: SmtpSink | undefined;

afterEach(async () => {
  await sink?.stop();
  sink = undefined;
});

function digest(userId = 'alice'): Digest {
  const builder = new DigestBuilder();
  builder.add({ ...usageRecord('turn1-1-1', { endReason: 'lost', userId }), place: 1 });
  return builder.digest('turn1', { end: 0, from: 0, to: 86_400_000 });
}

async function start(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  return (sink = await SmtpSink.start(options));
}

const channel = (url: string) =>
  mailChannel({ smtp: url, from: 'turn@example.org', to: ['a@example.org', 'b@example.org'] });
const urlTo = ({ port }: SmtpSink, password = LOGIN.password): string =>
  `smtp://${LOGIN.user}:${encodeURIComponent(password)}@127.0.0.1:${port}`;

/** Why it was not sent. */
async function refusal(url: string, during = signal): Promise<string> {
  const error: unknown = await channel(url)
    .send(digest(), during)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  // Neither the sentence nor what a logger would print of its cause.
  expect(`${JSON.stringify(error)} ${String(error)} ${String((error as Error).cause)}`).not.toContain('hunter2');
  return (error as Error).message;
}

test('a mail arrives at everybody, with the list, and the same id when it is sent again', async () => {
  const server = await start({ login: LOGIN });
  await channel(urlTo(server)).send(digest('eve\r\nBcc: all@example.org'), signal);
  await channel(urlTo(server)).send(digest(), signal);
  const [first, second] = server.mails;
  expect(first).toMatchObject({ from: 'turn@example.org', to: ['a@example.org', 'b@example.org'] });
  expect(first?.mail.subject).toBe('turnkeeper on turn1: 1 session ended abnormally');
  expect(first?.mail.text).toContain('lost        turn1-1-1  turn1  eve??Bcc: all@example.org');
  expect(first?.mail.headers).toContainEqual(
    expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
  );
  expect(first?.mail.messageId).toMatch(/^<turn1-[\w.-]+@turnkeeper>$/);
  expect(second?.mail.messageId).toBe(first?.mail.messageId);
});

test('a wrong password, a server that is busy, and one that is away are told apart, and no secret is told', async () => {
  const server = await start({ login: LOGIN });
  expect(await refusal(urlTo(server, 'hunter2 wrong'))).toBe('the mail server did not take it (EAUTH, 535)');
  server.refusals = 1;
  expect(await refusal(urlTo(server))).toBe('the mail server did not take it (EMESSAGE, 451)');
  const url = urlTo(server);
  await server.stop();
  sink = undefined;
  expect(await refusal(url)).toBe('the mail server did not take it (ECONNREFUSED)');
});

test('nothing is said to a server whose certificate nobody vouches for', async () => {
  const folder = temporaryDirectory();
  const files = await selfSigned(folder.path, 'mail');
  const tls = { key: readFileSync(files.pkey, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
  folder.remove();
  const server = await start({ login: LOGIN, tls });
  expect(await refusal(urlTo(server).replace('smtp:', 'smtps:'))).toMatch(/SELF_SIGNED|ESOCKET|ETLS/);
  expect(server.mails).toEqual([]);
});

test('a server that says nothing is left as soon as the agent stops', async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const ended = new AbortController();
  const refused = refusal(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`, ended.signal);
  await once(silent, 'connection');
  ended.abort();
  expect(await refused).toContain('the mail server did not take it');
  silent.close();
});
