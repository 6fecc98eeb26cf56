import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { pino } from 'pino';
import { RoundTrips } from '../../../src/fleet/round-trips/round-trips';
import { systemClock } from '../../../src/lib/clock';
import { bindingRequest, decodeStunMessage, encodeStunMessage } from '../../../src/turn/stun-message';
import { eventually } from '../../support/eventually';
import { NODE } from '../http/fleet';

const RELAYS = 20;
const EVERY_MS = 1000;

let server: Socket;
let received: { bytes: Buffer; at: number; from: RemoteInfo }[];
let roundTrips: RoundTrips;

beforeEach(async () => {
  received = [];
  server = createSocket('udp4');
  server.on('message', (bytes, from) => received.push({ bytes, at: performance.now(), from }));
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const uris = [`turn:127.0.0.1:${server.address().port}`];
  const relays = Array.from({ length: RELAYS }, (_, i) => {
    return { server: `relay-${i}`, node: { ...NODE, region: 'jp', uris }, updatedAt: 0 };
  });
  const view = { relays: () => [...relays, { server: 'own', node: { ...NODE, region: 'own', uris }, updatedAt: 0 }] };
  const logger = pino({ enabled: false });
  roundTrips = new RoundTrips({ view, server: 'own', region: 'kr', everyMs: EVERY_MS, clock: systemClock, logger });
  await roundTrips.start();
});

afterEach(async () => {
  await roundTrips.stop();
  server.close();
});

test('each relay is asked once in the time, spread over it, with 20 bytes and an id that nobody can guess; and not after the stop', async () => {
  await eventually('three rounds', () => received.length >= 3 * RELAYS);
  await roundTrips.stop();
  const inTenths = new Map<number, number>();
  for (const { at } of received) {
    const tenth = Math.floor(at / 100);
    inTenths.set(tenth, (inTenths.get(tenth) ?? 0) + 1);
  }
  // 2 are due; this is what a busy machine may put together.
  expect(inTenths.size).toBeGreaterThan(12);
  const messages = received.map(({ bytes }) => decodeStunMessage(bytes));
  for (const message of messages) expect(message).toMatchObject({ class: 'request', method: 1, attributes: [] });
  expect(new Set(messages.map((message) => message?.transactionId.toString())).size).toBe(received.length);
  expect(new Set(received.map(({ from }) => from.port)).size).toBe(1);
  const count = received.length;
  await new Promise((resolve) => setTimeout(resolve, 2 * EVERY_MS));
  expect(received.length).toBe(count);
});

test('what does not answer a request of ours is no round trip: it stays lost', async () => {
  server.on('message', (bytes, { port, address }) => {
    const id = bytes.subarray(8);
    const forged = Buffer.from(id.map((byte) => byte ^ 1));
    const answers = [
      Buffer.from('garbage'),
      Buffer.alloc(0),
      encodeStunMessage({ ...bindingRequest(forged), class: 'success' }),
      encodeStunMessage({ ...bindingRequest(id), class: 'request' }),
      encodeStunMessage({ ...bindingRequest(id), class: 'indication' }),
    ];
    for (const answer of answers) server.send(answer, port, address);
  });
  const lost = (): number => roundTrips.counts.pairs().find(({ to }) => to === 'jp')?.outcomes.lost ?? 0;
  await eventually('they are lost', () => lost() > 0);
  expect(roundTrips.byRegion()).toEqual({});
});

test('an answer that comes twice counts once, and so does an error', async () => {
  server.on('message', (bytes, { port, address }) => {
    for (const name of ['error', 'success'] as const) {
      server.send(encodeStunMessage({ ...bindingRequest(bytes.subarray(8)), class: name }), port, address);
    }
  });
  await eventually('they are answered', () => roundTrips.byRegion()['jp'] !== undefined && received.length > RELAYS);
  const { answered = 0, lost } = roundTrips.counts.pairs().find(({ to }) => to === 'jp')?.outcomes ?? {};
  expect(answered).toBeLessThanOrEqual(received.length);
  expect(lost).toBe(0);
});
