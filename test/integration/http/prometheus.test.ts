import { hash } from 'bcryptjs';
import { pino } from 'pino';
import { Exposition } from '../../../src/collectors/exposition';
import { systemClock } from '../../../src/lib/clock';
import { eventually } from '../../support/eventually';
import { Prometheus } from '../../support/prometheus';
import { makeAuthority, makeCertificate, temporaryFolder } from './certificates';
import { closeAll, startServer } from './harness';

jest.setTimeout(60_000);

const folder = temporaryFolder();
let prometheus: Prometheus | undefined;

afterEach(async () => {
  await closeAll();
  await prometheus?.stop();
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

  const targets = [`127.0.0.1:${server.address().port}`];
  const scraping = (prometheus = await Prometheus.start(folder.path, scrapeConfig(targets)));
  await eventually('it is scraped', async () => (await scraping.query('demo')) !== undefined, 30_000);
  expect(await scraping.query('demo')).toBe(42);
  expect(await scraping.query('up')).toBe(1);
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

const scrapeConfig = (targets: readonly string[]): object => ({
  global: { scrape_interval: '1s' },
  scrape_configs: [
    {
      job_name: 'turnkeeper',
      scheme: 'https',
      tls_config: { ca_file: 'ca.pem', cert_file: 'client.pem', key_file: 'client.key' },
      basic_auth: { username: 'prometheus', password: 'scrape-me' },
      static_configs: [{ targets }],
    },
  ],
});
