import { check } from '../../../src/config/check';
import { configKeys } from '../../../src/config/keys';
import type { Config } from '../../../src/config/schema';
import type { Mistake, Setting } from '../../../src/config/setting';

/** Settings by the name of their key, as if a file `tk.yml` had given them. */
function settings(values: Readonly<Record<string, unknown>>): Setting[] {
  return Object.entries(values).map(([name, value]) => {
    const key = configKeys().find((candidate) => candidate.name === name);
    if (!key) throw new Error(`no key ${name}`);
    return { key, value, source: 'tk.yml' };
  });
}

function valid(values: Readonly<Record<string, unknown>>): Config {
  const checked = check(settings(values));
  if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.mistakes));
  return checked.config;
}

function mistakes(values: Readonly<Record<string, unknown>>): readonly Mistake[] {
  const checked = check(settings(values));
  return checked.kind === 'invalid' ? checked.mistakes : [];
}

describe('check', () => {
  it('needs no configuration, and then listens on loopback alone', () => {
    const config = valid({});
    expect(config.coturn.listeningIp).toEqual(['127.0.0.1']);
    expect(config.web.listenAddress).toEqual({ host: '127.0.0.1', port: 9642 });
    expect(config.sources.statsdb.listenAddress).toEqual({ host: '127.0.0.1', port: 9643 });
  });

  it.each([
    ['coturn.listeningPort', 0, 'expected a port from 1 to 65535, not 0'],
    ['coturn.listeningPort', 'http', 'expected a port from 1 to 65535, not "http"'],
    ['coturn.listeningPort', 3478.5, 'expected a port from 1 to 65535, not 3478.5'],
    ['coturn.supervise', 'maybe', 'expected true or false, not "maybe"'],
    ['coturn.realm', '', 'must not be empty'],
    ['coturn.realm', 'a\nno-auth', 'must stand on one line'],
    ['coturn.externalIp', '1.2.3', 'expected an IP address, or public-address/private-address, not "1.2.3"'],
    ['coturn.listeningIp', [], 'must not be empty'],
    ['coturn.listeningIp', '0.0.0.0', 'expected a list, not "0.0.0.0"'],
    ['log.level', 'trace', 'expected one of debug, info, warn, error, not "trace"'],
    ['web.listenAddress', '::1:9642', 'expected host:port, such as 127.0.0.1:9642 or [::1]:9642, not "::1:9642"'],
    ['sessions.linger', '10 s', 'expected a duration such as 10s, 5m, 1h or 7d, not "10 s"'],
    ['sessions.separator', '::', 'expected one character, not "::"'],
    ['network.capacityMbps', 'much', 'expected auto or a number above 0, not "much"'],
    ['network.capacityMbps', 0, 'must be above 0, not 0'],
    ['registry.zookeeper', 'zk1:2181,zk2:99999/x', 'expected ports from 1 to 65535, not "zk1:2181,zk2:99999/x"'],
    ['registry.zookeeper', 'zk1:0', 'expected ports from 1 to 65535, not "zk1:0"'],
    ['sources.statsdb.maxAllocations', 0, 'must be at least 1, not 0'],
    ['credentials.ttl', 0, 'must be at least 1s, not 0'],
    ['dataDir', 'x'.repeat(99) + '\n', 'must stand on one line'],
  ])('says of %s = %j what would be right', (path, value, message) => {
    expect(mistakes({ [path]: value })).toEqual([{ path, source: 'tk.yml', message }]);
  });

  it('says which entry of a list or record is wrong', () => {
    const found = mistakes({
      'coturn.relayIp': ['192.0.2.1', 'x'],
      'coturn.extra': { 'max-bps': 1, Bad_Key: 1, 'no-x': null },
    });
    expect(found.map(({ path }) => path)).toEqual(['coturn.relayIp[1]', 'coturn.extra.Bad_Key', 'coturn.extra.no-x']);
  });

  it.each([
    ['coturn.minPort', { 'coturn.minPort': 60_000, 'coturn.maxPort': 50_000 }],
    ['coturn.tlsListeningPort', { 'coturn.tlsListeningPort': 3478 }],
    ['coturn.cert', { 'coturn.cert': '/etc/cert.pem' }],
    ['coturn.pkey', { 'coturn.pkey': '/etc/key.pem' }],
    ['credentials.ttl', { 'credentials.ttl': '2d' }],
  ])('holds %s against the key that it goes with', (path, values) => {
    expect(mistakes(values).map((mistake) => mistake.path)).toEqual([path]);
  });

  it('finds what is wrong between keys although other keys are wrong by themselves', () => {
    const values = { 'coturn.minPort': 60_000, 'coturn.maxPort': 50_000, 'coturn.listeningPort': 'x', 'log.level': 1 };
    expect(mistakes(values).map(({ path }) => path)).toEqual(['log.level', 'coturn.listeningPort', 'coturn.minPort']);
  });

  it('does not hold a key against one that is wrong by itself', () => {
    const values = { 'coturn.minPort': 60_000, 'coturn.maxPort': 'x' };
    expect(mistakes(values).map(({ path }) => path)).toEqual(['coturn.maxPort']);
  });

  it('says that a key is missing, and where those are that it goes with', () => {
    expect(mistakes({ 'registry.region': 'kr' })).toEqual([
      { path: 'registry.zookeeper', source: 'tk.yml', message: 'is missing' },
    ]);
  });

  it('says that a default is meant where nobody gave the value', () => {
    expect(mistakes({ 'credentials.maxTtl': '10m' })).toEqual([
      { path: 'credentials.ttl', source: 'default', message: 'must not be above credentials.maxTtl (600 s)' },
    ]);
  });

  it.each([
    { 'credentials.secret': 'hunter2' },
    { 'credentials.secret': 'hunter2 hunter2' },
    { 'sources.statsdb.password': '"hunter2hunter2"' },
    { 'sources.statsdb.password': ['hunter2'] },
    { 'coturn.extra': { user: 'bob:hunter2\n' } },
    { 'coturn.supervise': false, 'sources.metrics.url': 'http://bob:hunter2@127.0.0.1:9641/metrics' },
    { 'registry.zookeeper': 'zk://bob:hunter2@zk1:2181' },
    { 'web.cors': ['https://bob:hunter2@app.example.org'] },
    { 'coturn.extra': { 'mysql-userdb': ['password=hunter2\n'] } },
  ])('never shows a secret: case %#', (values) => {
    const found = mistakes(values);
    expect(found).not.toEqual([]);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('cuts a long value short', () => {
    expect(mistakes({ 'log.level': 'x'.repeat(10_000) })[0]?.message.length).toBeLessThan(150);
  });
});
