import { once } from 'node:events';
import { createSocket, type Socket } from 'node:dgram';
import { AgentHome } from '../support/agent';
import { ChromiumPage } from '../support/chromium';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { apiKey } from '../integration/http/api-keys';

const BYTES = 60_000;
/** Until Chromium gives a connection up, whose allocations go without a Refresh for 15 s then. */
const FAILING_MS = 60_000;
const KEYS = { credentials: 'of-the-page', report: 'for-reports' };

let page: ChromiumPage;
let home: AgentHome;
let silent: Socket;
const ends: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  page = await ChromiumPage.create(['report-calls.js', 'call.js']);
  ends.push(() => page.close());
  silent = createSocket('udp4').bind(0, '127.0.0.1');
  ends.push(() => {
    silent.close();
  });
  await once(silent, 'listening');
  const keys = [apiKey(KEYS.credentials, 'credentials'), apiKey(KEYS.report, 'report')];
  // Without the short lifetime of the others: on a busy machine an allocation would end before its call has failed.
  home = await AgentHome.create({ extra: { 'relay-threads': 2 } }, { keys });
  ends.push(() => home.remove());
  home.configure({}, { web: { listenAddress: `127.0.0.1:${home.ports.web}`, cors: [page.origin()] } });
  await home.start();
});

afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function call(more: object): Promise<unknown> {
  return page.run('call', { agent: home.url, keys: KEYS, ...more });
}

test('a page in Chromium gets a credential, calls through the relay with it, and its reports are counted', async () => {
  await page.open();
  const until = { layer: 'sctp', state: 'connected' };
  const { received, reports } = (await call({ user: 'alice', bytes: BYTES, until })) as {
    received: number;
    reports: object[];
  };
  expect(received).toBe(BYTES);
  expect(reports).toContainEqual(
    expect.objectContaining({
      ...{ layer: 'ice', state: 'connected', candidateTypes: { local: 'relay', remote: 'relay' } },
      answer: { accepted: 1, counted: 1, matched: 1 },
    }),
  );
  const metrics = await home.page();
  for (const layer of ['ice', 'dtls', 'sctp'])
    expect(total(metrics, 'coturn_webrtc_connections_total', { layer, outcome: 'connected' })).toBe(1);
  expect(total(metrics, 'coturn_webrtc_candidate_pairs_total', { local: 'relay', remote: 'relay' })).toBe(1);
  await eventually(
    'what the page sent is recorded as relayed',
    async () => total(await home.page(), 'coturn_relay_peer_sent_bytes_total') > BYTES,
    30_000,
  );
});

test(
  'a call in Chromium whose peer stays silent shows as unanswered, and, reported, as an ICE failure',
  async () => {
    await page.open();
    const { port } = silent.address();
    const failed = { layer: 'ice', state: 'failed' };
    const { reports } = (await call({ user: 'bob', silentPort: port, until: failed })) as { reports: object[] };
    expect(reports.at(-1)).toMatchObject({ ...failed, answer: { accepted: 1, counted: 1, matched: 1 } });
    expect(total(await home.page(), 'coturn_webrtc_ice_failures_total', { source: 'report' })).toBe(1);
    const unanswered = async (): Promise<number> => total(await home.page(), 'coturn_allocations_unanswered_total');
    await eventually('its allocations are closed and counted', async () => (await unanswered()) > 0, FAILING_MS);
  },
  2 * FAILING_MS,
);

test('a page of an origin that is not listed gets no credential', async () => {
  await page.open('localhost');
  const until = { layer: 'ice', state: 'connected' };
  await expect(call({ user: 'mallory', until })).rejects.toThrow('Failed to fetch');
});
