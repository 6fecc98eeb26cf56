import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { AgentHome } from '../support/agent';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import type { Program } from '../support/program';
import { failingCall, FAILING_CALL_MS } from '../support/webrtc-call';
import { RabbitMq } from '../support/rabbitmq';
import { mediasoupCluster } from '../support/rov-clusters';

const signalling = mediasoupCluster();
let home: AgentHome;
let silent: Socket;
const ends: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  const rabbitmq = await RabbitMq.start();
  ends.push(() => rabbitmq.remove());
  await signalling.start(rabbitmq.url);
  ends.push(() => signalling.stop());
  silent = createSocket('udp4').bind(0, '127.0.0.1');
  ends.push(() => {
    silent.close();
  });
  await once(silent, 'listening');
  // Without the short lifetime of the others: on a busy machine an allocation would end before its call has failed.
  home = await AgentHome.create(
    { extra: { 'relay-threads': 2 } },
    { licode: { amqp: rabbitmq.url, interval: '500ms' } },
  );
  ends.push(() => home.remove());
  await home.start();
});

afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('what two controllers and two agents say stands on the page, under the original names and ours', async () => {
  await eventually('they were asked', async () => total(await home.page(), 'turnkeeper_licode_up') === 1);
  await eventually('a count is never added twice', async () => {
    const page = await home.page();
    return total(page, 'mediasoup_total_ice_connections_failed') === 0;
  });
  const page = await home.page();
  const originals = ['active_rooms', 'active_clients', 'total_publishers', 'total_subscribers'];
  expect(originals.map((name) => total(page, `mediasoup_${name}`))).toEqual([4, 10, 4, 6]);
  expect(total(page, 'mediasoup_active_erizojs_processes')).toBe(8);
  const failures = ['ice', 'dtls', 'sctp'].map((layer) =>
    total(page, `coturn_webrtc_${layer}_failures_total`, { source: 'licode' }),
  );
  expect(failures).toEqual([6, 4, 2]);
  expect(total(page, 'turnkeeper_licode_components', { state: 'answered' })).toBe(4);
});

/** Over TCP, where coturn ends the allocations of a libwebrtc that was killed: over UDP they stay 600 s (docs/relay.md). */
async function failedCall(): Promise<Program> {
  const { iceServers } = await home.credential('alice');
  const overTcp = (url: string): boolean => /^turn:.*transport=tcp$/.test(url);
  const call = {
    url: `${home.url}/v1/reports`,
    user: 'alice',
    configuration: {
      iceServers: iceServers.map((server) => ({ ...server, urls: server.urls.filter(overTcp) })),
      iceTransportPolicy: 'relay',
    },
    until: { layer: 'ice', state: 'failed' },
    silentPort: silent.address().port,
  };
  return failingCall(call);
}

test(
  'a call whose peer stays silent shows as unanswered, and as an ICE failure once its page has reported it',
  async () => {
    const program = await failedCall();
    expect(JSON.parse(program.said)).toEqual({ accepted: 1, counted: 1, matched: 1 });
    await program.kill();
    await eventually('its allocations are closed and counted', async () => {
      const page = await home.page();
      return total(page, 'coturn_allocations') === 0 && total(page, 'coturn_allocations_unanswered_total') > 0;
    });
    const page = await home.page();
    expect(total(page, 'coturn_webrtc_ice_failures_total', { source: 'report' })).toBe(1);
    expect(total(page, 'coturn_webrtc_connections_total', { layer: 'ice', outcome: 'failed' })).toBe(1);
    expect(total(page, 'coturn_relay_peer_received_packets_total')).toBe(0);
  },
  FAILING_CALL_MS + 30_000,
);
