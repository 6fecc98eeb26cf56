import fc from 'fast-check';
import { byteText } from '../../../src/coturn/byte-pattern';
import { StatsChannel, statusKey, type StatsKind } from '../../../src/coturn/stats-channel';
import { CAPTURES, readCapture } from '../../support/captures';

const KINDS: readonly StatsKind[] = ['status', 'traffic', 'traffic/peer', 'total_traffic', 'total_traffic/peer'];

function parse(text: string): StatsChannel | undefined {
  const channel = new StatsChannel();
  const bytes = Buffer.from(`before${text}after`);
  const end = bytes.length - 'after'.length;
  return channel.parse(byteText(bytes), 'before'.length, end) ? channel : undefined;
}

const userName = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '/', ':', '1', 'é', '-'), maxLength: 30 }),
  fc.constantFrom('', '/', 'user/x', '1:/allocation/000000000000000001/status', 'é/user/ü'),
);
const realm = fc.string({ unit: fc.constantFrom('a', '.', '-', '1'), maxLength: 20 });

test('user names with slashes, colons or nothing in them, and realms or none, come out whole', () => {
  fc.assert(
    fc.property(userName, realm, fc.nat(999_999_999), fc.nat(999_999_999), fc.constantFrom(...KINDS), (...given) => {
      const [username, realmName, high, low, kind] = given;
      const id = String(high).padStart(9, '0') + String(low).padStart(9, '0');
      const channel = parse(statusKey({ realm: realmName, username }, id).replace(/status$/, kind));
      expect(channel?.principal()).toEqual({ realm: realmName, username });
      expect([channel?.kind, channel?.high, channel?.low]).toEqual([kind, high, low]);
    }),
  );
});

test('an empty realm between its slashes is no realm', () => {
  expect(parse('turn/realm//user/x/allocation/000000000000000001/status')?.principal()).toEqual({
    realm: '',
    username: 'x',
  });
});

test.each([
  'turn/realm/r/user/u/allocation/00000000000000001/status',
  'turn/realm/r/user/u/allocation/0000000000000000x1/status',
  'turn/realm/r/user/u/allocation/000000000000000001/statu',
  'turn/realm/r/user/u/allocatiom/000000000000000001/status',
  'torn/realm/r/user/u/allocation/000000000000000001/status',
  'turn/allocation/000000000000000001/status',
  '/status',
  '',
  '__XXX__',
])('%p is no channel of an allocation', (text) => {
  expect(parse(text)).toBeUndefined();
});

test('no bytes make the parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
      expect(() => parse(`turn/${text}/status`)?.principal()).not.toThrow();
    }),
  );
});

test.each(CAPTURES)('every channel of the capture %s is understood', (name) => {
  const channels = readCapture(name).flatMap(({ cmd }) => (cmd?.[0] === 'publish' ? [cmd[1] ?? ''] : []));
  const allocations = channels.filter((channel) => channel !== '__XXX__');
  expect(allocations.length).toBeGreaterThan(100);
  for (const channel of allocations) expect(parse(channel)?.principal().realm).toBe('example.org');
});
