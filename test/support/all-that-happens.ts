import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { AgentHome } from './agent';
import { eventually } from './eventually';
import { total } from './exposition-text';
import { Garbage } from './garbage';
import type { ObservedFleet } from './observed-fleet';
import { RawTurn } from './raw-turn';
import { TurnClient } from './turn-client';
import { uclient, UCLIENT_FLAGS, type UclientTransport } from './uclient';
import { relayedCall } from './webrtc-call';

const JSON_BODY = { 'content-type': 'application/json' };
const PAIR = { local: 'relay', remote: 'host' };

/** Calls that work and calls that don't, a crash of coturn, strangers at every door: all that a dashboard can show. */
export async function letAllHappen({ own, outsider }: ObservedFleet): Promise<void> {
  await crash(own);
  const transports = Object.keys(UCLIENT_FLAGS) as UclientTransport[];
  const clients = transports.map((transport) => uclient(own, `user-${transport}`, { transport, messages: 50 }));
  const all = await Promise.all([...clients, uclient(outsider, 'guest', { messages: 50 })]);
  await Promise.all([...all.map(({ done }) => done), call(own), unused(own), unanswered(own)]);
  await strangers(own);
  await refusals(own);
  await report(own);
  await assign(own);
  await goOn(own);
}

/** coturn dies with a session open, and is started again. */
async function crash(home: AgentHome): Promise<void> {
  const client = await uclient(home, 'unlucky', { messages: 2000 });
  await eventually('a session is open', async () => total(await home.page(), 'coturn_sessions') > 0, 30_000);
  process.kill(home.coturnPid(), 'SIGKILL');
  const isBack = async (): Promise<boolean> => {
    const page = await home.page();
    return total(page, 'coturn_restarts_total', { reason: 'signal' }) === 1 && total(page, 'coturn_up') === 1;
  };
  await eventually('coturn is back', isBack, 30_000);
  await client.stop();
}

/** A real libwebrtc call over the relay alone. */
async function call(home: AgentHome): Promise<void> {
  const { iceServers } = await home.credential('caller');
  await relayedCall(
    iceServers.map((server) => ({ ...server, urls: server.urls.slice(0, 1) })),
    300_000,
  );
}

async function client(home: AgentHome, user: string): Promise<TurnClient> {
  const { username, password } = await home.credential(user);
  const made = await TurnClient.connect(home.ports.turn);
  await made.allocateWith(username, password);
  return made;
}

async function unused(home: AgentHome): Promise<void> {
  const made = await client(home, 'hesitant');
  await made.refresh(0);
  made.close();
}

/** To a peer that never answers. */
async function unanswered(home: AgentHome): Promise<void> {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address();
  const arrived = once(silent, 'message');
  const made = await client(home, 'lonely');
  await made.permit(port);
  made.sendTo(port, Buffer.from('hello'));
  await arrived;
  await made.refresh(0);
  made.close();
  silent.close();
}

/** A wrong password, a TLS client that refuses the certificate, and somebody else at the stats endpoint. */
async function strangers(home: AgentHome): Promise<void> {
  await new RawTurn(home.ports.turn).allocateAs('1999999999:mallory');
  const socket = connect({ host: '127.0.0.1', port: home.ports.tls, rejectUnauthorized: true });
  await once(socket, 'error');
  const garbage = new Garbage();
  await garbage.pour(home.ports.statsdb, ['AUTH not-the-password\r\n']);
  garbage.stop();
  await eventually('they were counted', async () => {
    const page = await home.page();
    const counters = ['coturn_auth_failures_total', 'coturn_handshake_failures_total'];
    return counters.every((name) => total(page, name) > 0);
  });
}

async function refusals(home: AgentHome): Promise<void> {
  const body = JSON.stringify({ user: 'greedy', ttl: 1e9 });
  await fetch(`${home.url}/v1/credentials`, { method: 'POST', headers: JSON_BODY, body });
  await fetch(`${home.url}/v1/users/greedy`, { method: 'DELETE' });
  await fetch(`${home.url}/v1/reports`, { method: 'POST', headers: JSON_BODY, body: '{}' });
}

/** A signalling server asks which relay to use. */
async function assign(home: AgentHome): Promise<void> {
  const body = JSON.stringify({ task: 'a-room', user: 'caller' });
  const answer = await fetch(`${home.url}/v1/relays/assign`, { method: 'POST', headers: JSON_BODY, body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** A call that is under way still when somebody looks. */
async function goOn(home: AgentHome): Promise<void> {
  await uclient(home, 'steady', { messages: 100_000, everyMs: 20 });
  const isSeen = async (): Promise<boolean> => {
    const page = await home.page();
    return total(page, 'coturn_sessions') > 0 && total(page, 'coturn_relay_ports_used') > 0;
  };
  await eventually('it is under way', isSeen, 30_000);
}

/** As clients and media servers tell of their calls. */
async function report(home: AgentHome): Promise<void> {
  const layers = ['ice', 'dtls', 'sctp'].flatMap((layer) => [
    { layer, state: 'failed', id: `bad-${layer}` },
    { layer, state: 'connected', id: `good-${layer}`, ...(layer === 'ice' && { candidateTypes: PAIR }) },
  ]);
  const paths = [0.03, 0.12].map((roundTripTimeSeconds, i) => {
    return { layer: 'ice', state: 'connected', id: `path-${i}`, candidateTypes: PAIR, roundTripTimeSeconds };
  });
  const scores = ['producer', 'consumer'].map((of) => ({ layer: 'media', of, score: 9 }));
  const body = JSON.stringify([...layers, ...paths, ...scores, layers[0]]);
  const answer = await fetch(`${home.url}/v1/reports`, { method: 'POST', headers: JSON_BODY, body });
  if (answer.status !== 202) throw new Error(await answer.text());
}
