import { array, assert, boolean, constantFrom, integer, option, property, record } from 'fast-check';
import { choose, type Choice, type Wishes } from '../../../../src/fleet/assign/choose';
import { createStrategies } from '../../../../src/fleet/assign/strategies';
import type { FleetRelay } from '../../../../src/fleet/fleet-relay';
import { relay } from './relays';

const rules = {
  minFreeMbps: 10,
  maxAllocations: 100,
  stateOf: ({ node }: FleetRelay) => node,
  canIssueFor: (one: FleetRelay) => !one.server.startsWith('foreign'),
};
const WISHES: Wishes = { isp: undefined, region: undefined, strategy: 'least-used' };

function chooseOf(
  fleet: readonly FleetRelay[],
  wishes: Partial<Wishes> = {},
  reserved = (_server: string): number => 0,
): Choice {
  return choose(fleet, reserved, { ...WISHES, ...wishes }, { strategies: createStrategies(() => 0), rules });
}

/** `jp2, by nearest`, or the reasons. */
function said(choice: Choice): string {
  return choice.kind === 'chosen'
    ? `${choice.relay.server}, by ${choice.by}`
    : choice.reasons.map(({ server, reason }) => `${server}: ${reason}`).join(', ');
}

describe('a relay gets no call', () => {
  test.each<[string, FleetRelay, RegExp]>([
    ['while it drains', relay('a', { draining: true }), /draining/],
    ['when its coturn is dead', relay('a', { ready: false }), /does not answer/],
    ['without an address for clients', relay('a', { uris: [] }), /does not say where/],
    ['that nobody here can make credentials for', relay('foreign'), /credentials\.secret/],
    ['of another ISP', relay('a', { isps: ['skt', 'kt'] }), /for clients of skt, kt alone; .* lgu/],
    ['with less room than the floor', relay('a', { freeTraffic: 9.9 }), /9\.9 Mbps free; 10 must be left/],
    [
      'with as many allocations as it may have',
      relay('a', { allocations: 100 }),
      /100 allocations open, and may have 100/,
    ],
  ])('%s', (_what, one, sentence) => {
    const choice = chooseOf([one], { isp: 'lgu' });
    expect(choice.kind === 'none' && choice.reasons[0]?.message).toMatch(sentence);
  });

  test('whose room is reserved for others', () => {
    const choice = chooseOf([relay('a', { freeTraffic: 30 })], {}, () => 20.5);
    expect(choice).toMatchObject({
      counts: { no_room: 1 },
      reasons: [{ message: expect.stringMatching(/, and 20\.5 reserved;/) as string }],
    });
    expect(chooseOf([relay('a', { freeTraffic: 30 })], {}, () => 20).kind).toBe('chosen');
  });
});

test('the reasons of a large fleet are counted all, and the first hundred told', () => {
  const choice = chooseOf(
    Array.from({ length: 250 }, (_, i) => relay(String(i), i < 50 ? { ready: false } : { draining: true })),
  );
  if (choice.kind !== 'none') throw new Error('one was chosen');
  expect(choice.reasons).toHaveLength(100);
  expect(choice.counts).toEqual({ not_ready: 50, draining: 200 });
});

// By the rules of owt-server's source/cluster_manager/matcher.js (webrtc).
test.each<[string, readonly FleetRelay[], Partial<Wishes>, string]>([
  ['its ISP', [relay('kt', { isps: ['kt'] }), relay('skt', { isps: ['skt'] })], { isp: 'skt' }, 'skt, by any'],
  ['relays for all, of which ISP ever', [relay('kt', { isps: ['kt'] }), relay('all')], { isp: 'skt' }, 'all, by any'],
  [
    'no relay of an ISP for a client of none',
    [relay('kt', { isps: ['kt'], load: 0 }), relay('all')],
    {},
    'all, by any',
  ],
  [
    'the region before the load',
    [relay('jp', { region: 'jp', load: 0.1 }), relay('kr', { region: 'kr' })],
    { region: 'kr' },
    'kr, by region',
  ],
  [
    'no region of another ISP',
    [relay('jp', { region: 'jp' }), relay('kr', { region: 'kr', isps: ['kt'] })],
    { region: 'kr' },
    'jp, by any',
  ],
  [
    'any region where there is none such',
    [relay('jp', { region: 'jp' }), relay('us', { load: 0.1 })],
    { region: 'kr' },
    'us, by any',
  ],
  [
    'another region where the own is full',
    [relay('jp', { region: 'jp' }), relay('kr', { region: 'kr', freeTraffic: 0 })],
    { region: 'kr' },
    'jp, by any',
  ],
])('a call gets %s', (_what, fleet, wishes, expected) => {
  expect(said(chooseOf(fleet, wishes))).toBe(expected);
});

describe('without a relay in its region a call goes to the nearest', () => {
  const jp = [relay('jp1', { region: 'jp', load: 0.6 }), relay('jp2', { region: 'jp' })];
  const us = relay('us', { region: 'us', load: 0 });

  test('as the relays of that region measured it, full or not', () => {
    const full = relay('kr', { region: 'kr', freeTraffic: 0, roundTrips: { jp: 31.4, us: 120 } });
    expect(said(chooseOf([full, ...jp, us], { region: 'kr' }))).toBe('jp2, by nearest');
  });

  test('as one of the candidates measured it', () => {
    const [jp1 = us, jp2 = us] = jp;
    const near = { ...jp1, node: { ...jp1.node, roundTrips: { kr: 30 } } };
    const far = { ...us, node: { ...us.node, roundTrips: { kr: 120 } } };
    const choice = chooseOf([near, jp2, far], { region: 'kr' });
    expect(said(choice)).toBe('jp2, by nearest');
    expect(choice.kind === 'chosen' && choice.why).toMatch(/region jp, nearest to kr at 30\.0 ms.*least used of 2/);
  });

  test('by the shorter of two measurements', () => {
    const kr = relay('kr', { region: 'kr', ready: false, roundTrips: { jp: 200, us: 120 } });
    const [jp1 = us, jp2 = us] = jp;
    expect(
      said(chooseOf([kr, jp1, { ...jp2, node: { ...jp2.node, roundTrips: { kr: 30 } } }, us], { region: 'kr' })),
    ).toBe('jp2, by nearest');
  });

  test('and a region named like a part of JavaScript has no distance', () => {
    expect(said(chooseOf([us], { region: 'constructor' }))).toBe('us, by any');
  });
});

test('whatever the fleet: who is chosen is fit, and nobody is chosen only where none is', () => {
  const names = constantFrom('kr', 'jp', 'us');
  const node = record({
    region: names,
    isps: array(names, { maxLength: 2 }),
    draining: boolean(),
    ready: boolean(),
    freeTraffic: integer({ min: 0, max: 40 }),
    allocations: integer({ min: 90, max: 110 }),
  });
  assert(
    property(
      array(node),
      option(names, { nil: undefined }),
      option(names, { nil: undefined }),
      (nodes, isp, region) => {
        const fleet = nodes.map((changes, i) => relay(String(i), changes));
        const fit = fleet.filter(
          ({ node: { draining, ready, freeTraffic, allocations = 0, isps } }) =>
            !draining &&
            ready &&
            freeTraffic - 15 >= 10 &&
            allocations < 100 &&
            (isps.length === 0 || isps.some((one) => one === isp)),
        );
        const choice = chooseOf(fleet, { isp, region }, () => 15);
        if (choice.kind === 'none') {
          expect(fit).toEqual([]);
          return;
        }
        expect(fit.map(({ server }) => server)).toContain(choice.relay.server);
        if (fit.some((one) => one.node.region === region)) expect(choice.relay.node.region).toBe(region);
      },
    ),
  );
});
