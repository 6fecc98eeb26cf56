import { assert, json, jsonValue, property, uint8Array } from 'fast-check';
import { hasMuchChanged } from '../../../src/fleet/much-changed';
import { decodeRelayNode, encodeRelayNode, type RelayNode } from '../../../src/fleet/relay-node';

const NODE: RelayNode = {
  freeTraffic: 812.3,
  restAddr: '10.0.0.5:9642',
  region: 'kr',
  isps: ['skt'],
  load: 0.188,
  allocations: 3,
  uris: ['turn:10.0.0.5:3478?transport=udp'],
  draining: false,
  ready: true,
  version: '0.1.0',
  updatedAt: '2026-11-21T08:00:00.000Z',
  roundTrips: { jp: 31.4 },
  reserved: { turn2: 1.5 },
  secrets: ['0123456789abcdef'],
  agent: 'a1b2',
};

function decode(value: unknown): RelayNode | undefined {
  return decodeRelayNode(Buffer.from(JSON.stringify(value)));
}

test('a node means the same after it was written and read', () => {
  expect(decodeRelayNode(encodeRelayNode(NODE))).toEqual(NODE);
});

test('what the original signalling servers read stands first, with one decimal', () => {
  const shuffled = Object.fromEntries(Object.entries({ ...NODE, freeTraffic: 812.3499 }).reverse()) as RelayNode;
  expect(encodeRelayNode(shuffled).toString()).toMatch(/^\{"freeTraffic":812\.3,"restAddr":"10\.0\.0\.5:9642",/);
});

test.each([812.3, '812.3'])('a node of the original monitor, with freeTraffic %j, is a relay for everybody', (free) => {
  expect(decode({ freeTraffic: free, restAddr: '10.0.0.5:8080' })).toEqual({
    freeTraffic: 812.3,
    restAddr: '10.0.0.5:8080',
    isps: [],
    uris: [],
    draining: false,
    ready: true,
    roundTrips: {},
    reserved: {},
    secrets: [],
  });
});

test('keys of a newer agent are passed over', () => {
  expect(decode({ ...NODE, rtt: { jp: 30 } })).toEqual(NODE);
});

test.each<[string, object]>([
  ['no free traffic', { freeTraffic: undefined }],
  ['a negative one', { freeTraffic: -1 }],
  ['one that is no number', { freeTraffic: '1e999' }],
  ['no address', { restAddr: undefined }],
  ['an address with a line end', { restAddr: 'a\nb:1' }],
  ['a load above 1', { load: 1.5 }],
  ['an escape sequence', { region: '\u001b[2J' }],
  ['a URI of another kind', { uris: ['http://x'] }],
  ['too many ISPs', { isps: Array.from({ length: 65 }, String) }],
  ['draining that is no truth value', { draining: 'no' }],
  ['a negative round trip', { roundTrips: { jp: -1 } }],
  ['too many reservations', { reserved: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [i, 1])) }],
  ['a secret itself', { secrets: ['hunter2hunter2'] }],
])('a node with %s is none', (_what, changes) => {
  expect(decode({ ...NODE, ...changes })).toBeUndefined();
});

test('a node of more than 32 kB is not read', () => {
  expect(decode({ ...NODE, more: 'x'.repeat(33_000) })).toBeUndefined();
});

test('no bytes and no JSON make the reader throw', () => {
  assert(property(uint8Array(), (bytes) => decodeRelayNode(Buffer.from(bytes)) === undefined));
  assert(property(json(), (text) => decodeRelayNode(Buffer.from(text)) === undefined));
  assert(
    property(jsonValue(), (value) => {
      decode({ ...NODE, isps: value, uris: value, load: value });
    }),
  );
});

describe('hasMuchChanged', () => {
  test.each<[string, Partial<RelayNode>, boolean]>([
    ['nothing', {}, false],
    ['the time', { updatedAt: '2026-11-21T08:00:01.000Z' }, false],
    ['a tenth of the room less', { freeTraffic: 812.3 * 0.9 - 1 }, true],
    ['a little less room', { freeTraffic: 750 }, false],
    ['one allocation', { allocations: 4 }, false],
    ['ten allocations', { allocations: 13 }, true],
    ['readiness', { ready: false }, true],
    ['draining', { draining: true }, true],
    ['the URIs', { uris: [] }, true],
  ])('%s: %j: %s', (_what, changes, isMuch) => {
    expect(hasMuchChanged(NODE, { ...NODE, ...changes })).toBe(isMuch);
  });

  test('a relay with little room may lose a tenth of it unsaid: less than 10 Mbps is noise', () => {
    expect(hasMuchChanged({ ...NODE, freeTraffic: 20 }, { ...NODE, freeTraffic: 11 })).toBe(false);
  });
});
