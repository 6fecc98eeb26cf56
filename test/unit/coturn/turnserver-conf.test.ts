import fc from 'fast-check';
import { configSchema } from '../../../src/config/schema';
import { renderConfLine } from '../../../src/coturn/conf-line';
import {
  confHash,
  lifeOfDatabase,
  renderTurnserverConf,
  reservedExtraKeys,
  statsdbDatabase,
  type TurnserverConf,
} from '../../../src/coturn/turnserver-conf';

const OF_THE_PAGE = ['prometheus', 'prometheus-address', 'prometheus-port'];
const OF_4_17 = ['cli', 'dtls', 'software-attribute', 'rfc5780', ...OF_THE_PAGE];

function conf(
  coturn: object = {},
  known: readonly string[] = [],
  change: Partial<TurnserverConf> = {},
): TurnserverConf {
  return {
    settings: configSchema.parse({ coturn }).coturn,
    secrets: { statsdbPassword: 'stats!"secret', cliPassword: 'clisecret', authSecret: '= auth secret' },
    statsdb: { host: '0.0.0.0', port: 9643 },
    restSeparator: ':',
    dataDir: '/data',
    lifeNumber: 7,
    knows: (option) => known.includes(option),
    ...change,
  };
}

const lines = (given: TurnserverConf): string[] => renderTurnserverConf(given).split('\n').slice(1, -1);

test('everything of a zero configuration on coturn 4.6.1', () => {
  expect(lines(conf())).toEqual([
    'listening-ip=127.0.0.1',
    'listening-port=3478',
    'min-port=49152',
    'max-port=65535',
    'allow-loopback-peers',
    'allowed-peer-ip=127.0.0.1',
    'allowed-peer-ip=::1',
    'no-tls',
    'no-dtls',
    'realm=localhost',
    'use-auth-secret',
    'static-auth-secret="= auth secret"',
    'redis-statsdb="ip=127.0.0.1 port=9643 dbname=1007 password=stats!"secret connect_timeout=5"',
    'cli-ip=127.0.0.1',
    'cli-port=5766',
    'cli-password=clisecret',
    'cli-max-output-sessions=20000',
    'log-file=/data/turnserver.log',
    'simple-log',
    'no-stdout-log',
    'verbose',
    'pidfile=/data/turnserver.pid',
    'userdb=/data/turndb',
    'fingerprint',
    'no-multicast-peers',
    'no-software-attribute',
    'no-rfc5780',
  ]);
});

test('4.17 is told of its admin interface and DTLS, and nothing that it has by default', () => {
  const given = lines(conf({ cert: '/c.pem', pkey: '/k.pem' }, OF_4_17));
  expect(given).toEqual(
    expect.arrayContaining(['cli', 'dtls', 'cert=/c.pem', 'pkey=/k.pem', 'tls-listening-port=5349']),
  );
  for (const key of ['no-tls', 'no-dtls', 'no-rfc5780', 'no-software-attribute']) expect(given).not.toContain(key);
});

test("coturn's own page is on where it can be kept to loopback, and never tells of users", () => {
  const page = (known: readonly string[], coturn = {}): string[] =>
    lines(conf(coturn, known)).filter((line) => line.startsWith('prometheus'));
  const on = ['prometheus', 'prometheus-address=127.0.0.1', 'prometheus-port=9641'];
  expect(page(OF_THE_PAGE)).toEqual(on);
  expect(page([...OF_THE_PAGE, 'prometheus-username-labels', 'prometheus-tls'])).toEqual(on);
  expect(page(OF_THE_PAGE, { metricsPort: 9999 })[2]).toBe('prometheus-port=9999');
  for (const missing of OF_THE_PAGE) expect(page(OF_THE_PAGE.filter((one) => one !== missing))).toEqual([]);
  expect(reservedExtraKeys({ 'prometheus-username-labels': true })).toEqual(['prometheus-username-labels']);
});

test('loopback peers are allowed on loopback alone, unless the configuration says otherwise', () => {
  const isAllowed = (coturn: object): boolean => lines(conf(coturn)).includes('allow-loopback-peers');
  expect(isAllowed({ listeningIp: ['127.0.0.1', '::1'] })).toBe(true);
  expect(isAllowed({ listeningIp: ['127.0.0.1', '192.0.2.1'] })).toBe(false);
  expect(isAllowed({ listeningIp: ['0.0.0.0'] })).toBe(false);
  expect(isAllowed({ listeningIp: ['0.0.0.0'], allowLoopbackPeers: true })).toBe(true);
  expect(isAllowed({ allowLoopbackPeers: false })).toBe(false);
});

test('who asks for no address family gets IPv6 where the relay has nothing else', () => {
  const families = (coturn: object): string[] =>
    lines(conf(coturn, ['allocation-default-address-family'])).filter((line) => line.includes('address-family'));
  const ipv6 = ['allocation-default-address-family=ipv6'];
  expect(families({ listeningIp: ['2001:db8::1'] })).toEqual(ipv6);
  expect(families({ relayIp: ['2001:db8::1'] })).toEqual(ipv6);
  for (const both of [{}, { listeningIp: ['::'] }, { listeningIp: ['::1', '127.0.0.1'] }, { relayIp: ['192.0.2.1'] }])
    expect(families(both)).toEqual([]);
  const extra = { 'allocation-default-address-family': 'keep' };
  expect(families({ listeningIp: ['::1'], extra })).toEqual(['allocation-default-address-family=keep']);
});

test('extra: true is the key alone, an array one line each, and a default gives way', () => {
  const given = lines(
    conf({
      extra: { mobility: true, 'max-bps': 5, 'denied-peer-ip': ['10.0.0.0-10.255.255.255', '::1'], fingerprint: false },
    }),
  );
  expect(given.slice(-5)).toEqual([
    'mobility',
    'max-bps=5',
    'denied-peer-ip=10.0.0.0-10.255.255.255',
    'denied-peer-ip=::1',
    'fingerprint=false',
  ]);
  expect(given).not.toContain('fingerprint');
});

test('another user database takes the place of the one in the data directory', () => {
  expect(lines(conf({ extra: { 'psql-userdb': 'host=db' } }))).not.toContain('userdb=/data/turndb');
});

test('the REST separator is told where it is not the usual one', () => {
  expect(lines(conf({}, [], { restSeparator: '|' }))).toContain('rest-api-separator="|"');
});

test('keys that the agent sets are told apart from those that are free', () => {
  expect(reservedExtraKeys({ 'max-bps': 1, 'redis-statsdb': 'x', 'cli-password': 'x', 'log-file': 'x' })).toEqual([
    'redis-statsdb',
    'cli-password',
    'log-file',
  ]);
});

test('every key that the agent writes is reserved, unless it may be changed or added to', () => {
  const written = [
    ...lines(conf()),
    ...lines(conf({ cert: '/c', pkey: '/k', relayIp: ['127.0.0.1'], externalIp: '192.0.2.1' }, OF_4_17)),
  ];
  const keys = written.map((line) => line.split('=')[0] ?? '');
  const free = ['allowed-peer-ip', 'fingerprint', 'no-multicast-peers', 'no-software-attribute', 'no-rfc5780'];
  const reserved = reservedExtraKeys(Object.fromEntries(keys.map((key) => [key, true])));
  expect(new Set([...reserved, ...free])).toEqual(new Set(keys));
});

test('the databases of lives are told apart from those of other coturns', () => {
  expect(statsdbDatabase(1)).toBe(1001);
  expect(lifeOfDatabase(statsdbDatabase(42))).toBe(42);
  expect(lifeOfDatabase(0)).toBeUndefined();
  expect(lifeOfDatabase(1000)).toBeUndefined();
});

test('the hash is of the configuration, not of the life', () => {
  expect(confHash(conf())).toBe(confHash(conf({}, [], { lifeNumber: 8 })));
  expect(confHash(conf())).not.toBe(confHash(conf({ realm: 'other' })));
});

/** What coturn makes of a line: `parse_arg_string` of mainrelay.c, the same in 4.6.1 and 4.17.1. */
function asCoturnReads(line: string): [string, string] {
  const trimmed = line.trimEnd();
  const end = /[ =\t]/.exec(trimmed)?.index ?? trimmed.length;
  let value = trimmed.slice(end).replace(/^[ =\t]+/, '');
  if (value.startsWith('"')) value = value.slice(1).replace(/"$/, '');
  return [trimmed.slice(0, end), value];
}

test('coturn reads every value back exactly', () => {
  const value = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' })
    .filter((text) => !/[^ -~]/.test(text));
  fc.assert(
    fc.property(value, (text) => {
      expect(asCoturnReads(renderConfLine(['static-auth-secret', text]))).toEqual(['static-auth-secret', text]);
    }),
  );
});

test.each([
  ['a second line', 'a\nno-auth'],
  ['a NUL', 'a\0b'],
  ['more than coturn reads of a line', 'x'.repeat(2000)],
])('%s in a value is refused, and the value is not repeated', (_, text) => {
  expect(() => renderConfLine(['static-auth-secret', text])).toThrow(/static-auth-secret (holds|is too long)/);
});
