import { hash } from 'bcryptjs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Exposition } from '../../../src/collectors/exposition';
import { systemClock } from '../../../src/lib/clock';
import { makeAuthority, makeCertificate, temporaryFolder } from './certificates';
import { ask, closeAll, startServer } from './harness';

jest.setTimeout(60_000);

const folder = temporaryFolder();
let prometheus: ChildProcess | undefined;

afterEach(async () => {
  await closeAll();
  if (prometheus?.exitCode === null) {
    prometheus.kill('SIGKILL');
    await once(prometheus, 'exit');
  }
  folder.remove();
});

test('a real Prometheus scrapes over TLS, with its certificate, user and password', async () => {
  makeAuthority(folder, 'ca');
  makeCertificate(folder, 'server', 'ca', 'IP:127.0.0.1');
  makeCertificate(folder, 'client', 'ca', 'DNS:prometheus');
  const webConfigFile = folder.write('web.yml', await webConfig());
  const help = 'Long enough to be worth compressing. '.repeat(50);
  const collector = {
    name: 'demo',
    collect: () => [{ name: 'demo', help, type: 'gauge' as const, samples: [{ value: 42 }] }],
  };
  const scraper = new Exposition({ collectors: [collector], clock: systemClock, logger: pino({ enabled: false }) });
  const server = await startServer({ webConfigFile, scraper });

  const port = await freePort();
  const config = folder.write('prometheus.yml', scrapeConfig(server.address().port));
  const flags = [
    `--config.file=${config}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--storage.tsdb.path=${folder.path}/tsdb`,
  ];
  prometheus = spawn('prometheus', flags, { stdio: 'ignore' });

  const query = (expression: string): Promise<string | undefined> => queryOf(port, expression);
  while ((await query('demo')) === undefined) await sleep(100);
  expect(await query('demo')).toBe('42');
  expect(await query('up')).toBe('1');
});

async function webConfig(): Promise<string> {
  return `
tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus]
basic_auth_users:
  prometheus: ${await hash('scrape-me', 10)}
`;
}

const scrapeConfig = (port: number): string => `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: turnkeeper
    scheme: https
    tls_config: { ca_file: ca.pem, cert_file: client.pem, key_file: client.key }
    basic_auth: { username: prometheus, password: scrape-me }
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`;

/** The value of an expression with one result, or undefined while there is none, or no Prometheus yet. */
async function queryOf(port: number, expression: string): Promise<string | undefined> {
  const answer = await ask(`http://127.0.0.1:${port}/api/v1/query?query=${expression}`).catch(() => undefined);
  if (answer?.status !== 200) return undefined;
  const { data } = JSON.parse(answer.text) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
