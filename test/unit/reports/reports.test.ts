import { Reports } from '../../../src/reports/reports';
import type { Report } from '../../../src/reports/report';
import { ManualClock } from '../collectors/manual-clock';

const clock = new ManualClock();
const reportsOf = (relayed: Readonly<Record<string, boolean>> = {}): Reports =>
  new Reports({ relayedOf: (user) => relayed[user], intervalMs: 20_000, clock });

const failed = (more: object = {}): Report => ({ layer: 'ice', state: 'failed', ...more });

describe('what is counted', () => {
  test('a failure of each layer, and nothing of states that are on the way or over in good order', () => {
    const reports = reportsOf();
    const states = ['new', 'checking', 'connecting', 'closed', 'failed'] as const;
    const batch = states.flatMap((state) => [{ layer: 'dtls', state } as const, { layer: 'sctp', state } as const]);
    expect(reports.take(batch)).toEqual({ accepted: 10, counted: 2, matched: 0 });
    expect(reports.total).toEqual({ ice: 0, dtls: 1, sctp: 1 });
    expect(reports.counts.taken).toBe(10);
  });

  test('a report without an id each time, one with an id once until the connection came about again', () => {
    const reports = reportsOf();
    reports.take([failed(), failed()]);
    expect(reports.total.ice).toBe(2);
    reports.take([failed({ id: 'a' }), failed({ id: 'a' }), failed({ id: 'b' })]);
    expect([reports.total.ice, reports.counts.repeated]).toEqual([4, 1]);
    reports.take([{ layer: 'ice', state: 'connected', id: 'a' }, failed({ id: 'a' })]);
    expect(reports.total.ice).toBe(5);
  });

  test('connected and completed are one success, also after an interruption, which counts each time', () => {
    const reports = reportsOf();
    const states = ['connected', 'completed', 'disconnected', 'disconnected', 'connected', 'disconnected'] as const;
    reports.take(states.map((state) => ({ layer: 'ice', state, id: 'a' })));
    const { connected, disconnected } = reports.counts.connections.ice;
    expect([connected.unknown, disconnected.unknown]).toEqual([1, 2]);
  });

  test('the layers of one connection are counted apart', () => {
    const reports = reportsOf();
    reports.take([failed({ id: 'a' }), { layer: 'dtls', state: 'failed', id: 'a' }]);
    expect(reports.total).toEqual({ ice: 1, dtls: 1, sctp: 0 });
  });

  test('whether a live session of the user relayed, and unknown where there is none', () => {
    const reports = reportsOf({ alice: true, bob: false });
    const batch = ['alice', 'bob', 'carol', undefined].map((user) => failed({ user }));
    expect(reports.take(batch)).toEqual({ accepted: 4, counted: 4, matched: 2 });
    expect(reports.counts.connections.ice.failed).toEqual({ yes: 1, no: 1, unknown: 2 });
  });

  test('pair and round-trip time of a connection that came about, not of one that failed', () => {
    const reports = reportsOf();
    const path = { candidateTypes: { local: 'relay', remote: 'host' }, roundTripTimeSeconds: 0.04 } as const;
    reports.take([failed(path), { layer: 'ice', state: 'connected', ...path }]);
    expect(reports.counts.candidatePairs.relay.host).toBe(1);
    expect([reports.counts.roundTripSeconds.relay.sum, reports.counts.roundTripSeconds.direct.sum]).toEqual([0.04, 0]);
  });

  test.each([
    ['direct', { local: 'host', remote: 'srflx' }],
    ['relay', { local: 'unknown', remote: 'relay' }],
    ['unknown', { local: 'host', remote: 'unknown' }],
    ['unknown', undefined],
  ] as const)('the path is %s for %j', (path, candidateTypes) => {
    const reports = reportsOf();
    reports.take([{ layer: 'ice', state: 'connected', candidateTypes, roundTripTimeSeconds: 1 }]);
    expect(reports.counts.roundTripSeconds[path].sum).toBe(1);
  });

  test('scores by what they are of', () => {
    const reports = reportsOf();
    expect(reports.take([{ layer: 'media', of: 'consumer', score: 7 }])).toEqual({
      accepted: 1,
      counted: 1,
      matched: 0,
    });
    expect([reports.counts.scores.consumer.sum, reports.counts.scores.producer.sum]).toEqual([7, 0]);
  });
});

test('the recent failures are those of the last whole interval, and none of an older one', async () => {
  const reports = reportsOf();
  await clock.advance(20_000 - (clock.now() % 20_000));
  reports.take([failed(), failed()]);
  expect(reports.recent.ice).toBe(0);
  await clock.advance(20_000);
  expect(reports.recent).toEqual({ ice: 2, dtls: 0, sctp: 0 });
  reports.take([failed()]);
  expect(reports.recent.ice).toBe(2);
  await clock.advance(20_000);
  expect(reports.recent.ice).toBe(1);
  await clock.advance(40_000);
  expect([reports.recent.ice, reports.total.ice]).toEqual([0, 3]);
});
