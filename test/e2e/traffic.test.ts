import { AgentHome } from '../support/agent';
import { selfSigned, temporaryDirectory } from '../support/coturn';
import { loggedUsage, type LoggedUsage } from '../support/coturn-usage';
import { eventually } from '../support/eventually';
import { total, type Page } from '../support/exposition-text';
import { uclient, UCLIENT_FLAGS, type UclientTransport } from '../support/uclient';
import { relayedCall } from '../support/webrtc-call';

let home: AgentHome;
const certificates = temporaryDirectory();

beforeAll(async () => {
  home = await AgentHome.create(await selfSigned(certificates.path, 'turn'));
  await home.start();
});

afterAll(async () => {
  await home.remove();
  certificates.remove();
});

function relayed(page: Page, transport: string): LoggedUsage {
  const leg = (name: string): LoggedUsage['client'] => {
    const value = (field: string): number => total(page, `coturn_relay_${name}_${field}_total`, { transport });
    return {
      receivedPackets: value('received_packets'),
      receivedBytes: value('received_bytes'),
      sentPackets: value('sent_packets'),
      sentBytes: value('sent_bytes'),
    };
  };
  return { client: leg('client'), peer: leg('peer') };
}

function minus(after: LoggedUsage, before: LoggedUsage): LoggedUsage {
  const leg = (name: 'client' | 'peer'): LoggedUsage['client'] => ({
    receivedPackets: after[name].receivedPackets - before[name].receivedPackets,
    receivedBytes: after[name].receivedBytes - before[name].receivedBytes,
    sentPackets: after[name].sentPackets - before[name].sentPackets,
    sentBytes: after[name].sentBytes - before[name].sentBytes,
  });
  return { client: leg('client'), peer: leg('peer') };
}

async function nothingOpen(): Promise<Page> {
  await eventually('no allocation is open', async () => total(await home.page(), 'coturn_allocations') === 0, 60_000);
  return home.page();
}

describe('turnutils_uclient over each transport', () => {
  const transports = Object.keys(UCLIENT_FLAGS) as UclientTransport[];
  let page: Page;

  beforeAll(async () => {
    const runs = transports.map((transport) =>
      uclient(home, `user-${transport}`, { transport, clients: 4, messages: 50 }),
    );
    for (const clients of await Promise.all(runs)) expect(await clients.done).toBe(0);
    page = await nothingOpen();
  });

  test.each(transports)('%s shows with the bytes, packets and allocations that coturn reports', (transport) => {
    const counted = relayed(page, transport);
    expect(counted).toEqual(loggedUsage(home.coturnLog(), `user-${transport}`));
    expect(counted.peer.receivedBytes).toBeGreaterThan(0);
    expect(total(page, 'coturn_allocations_created_total', { transport })).toBeGreaterThanOrEqual(4);
    expect(total(page, 'coturn_allocations_closed_total', { transport })).toBeGreaterThanOrEqual(4);
  });
});

test('a libwebrtc call through the relay alone is counted to the byte', async () => {
  const before = await home.page();
  const { iceServers } = await home.credential('caller');
  const overUdp = iceServers.map((server) => ({ ...server, urls: server.urls.slice(0, 1) }));
  expect(await relayedCall(overUdp, 2_000_000)).toBe(2_000_000);
  const page = await nothingOpen();
  const counted = minus(relayed(page, 'udp'), relayed(before, 'udp'));
  expect(counted).toEqual(loggedUsage(home.coturnLog(), 'caller'));
  expect(counted.peer.receivedBytes).toBeGreaterThan(2_000_000);
});

test('sessions close after their linger, with duration and bytes in the histograms', async () => {
  await eventually('no session is open', async () => total(await home.page(), 'coturn_sessions') === 0);
  const page = await home.page();
  const closed = total(page, 'coturn_sessions_closed_total');
  expect(closed).toBeGreaterThanOrEqual(5);
  expect(total(page, 'coturn_session_duration_seconds_count')).toBe(closed);
  expect(total(page, 'coturn_session_relayed_bytes_sum')).toBe(
    total(page, 'coturn_relay_peer_received_bytes_total') + total(page, 'coturn_relay_peer_sent_bytes_total'),
  );
});
