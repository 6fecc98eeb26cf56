import { check } from '../../../src/config/check';
import { configKeys } from '../../../src/config/keys';

const keys = configKeys();

function leafNames(value: unknown, path: readonly string[] = []): string[] {
  const isSection =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !('port' in value) && !('seconds' in value);
  if (!isSection || path.join('.') === 'coturn.extra') return [path.join('.')];
  return Object.entries(value).flatMap(([name, child]) => leafNames(child, [...path, name]));
}

describe('configKeys', () => {
  it('knows every key that the configuration has', () => {
    const checked = check([]);
    if (checked.kind === 'invalid') throw new Error('the defaults are not valid');
    const names = keys.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(leafNames(checked.config)));
    // and those that have no default
    expect(names).toEqual(expect.arrayContaining(['sources.log.path', 'coturn.cert', 'web.configFile']));
  });

  it('names a.bC TURNKEEPER_A_B_C in the environment', () => {
    const variables = Object.fromEntries(keys.map(({ name, variable }) => [name, variable]));
    expect(variables).toMatchObject({
      dataDir: 'TURNKEEPER_DATA_DIR',
      'web.listenAddress': 'TURNKEEPER_WEB_LISTEN_ADDRESS',
      'coturn.log.maxMegabytes': 'TURNKEEPER_COTURN_LOG_MAX_MEGABYTES',
    });
  });

  it('gives no two keys one variable, nor one that is the _FILE of another', () => {
    const variables = keys.flatMap(({ variable }) => [variable, `${variable}_FILE`]);
    expect(new Set([...variables, 'TURNKEEPER_CONFIG_FILE']).size).toBe(variables.length + 1);
  });

  it('knows which keys are secret', () => {
    const secret = keys.filter((key) => key.secret).map(({ name }) => name);
    expect(secret).toEqual([
      ...['sources.statsdb.password', 'sources.redis.url'],
      ...['usage.store', 'credentials.secret', 'licode.amqp', 'digest.webhook', 'digest.email.smtp', 'registry.auth'],
    ]);
  });
});
