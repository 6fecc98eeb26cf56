import { check } from '../../../src/config/check';
import { effective } from '../../../src/config/effective';
import { fromEnvironment } from '../../../src/config/from-environment';
import { configKeys } from '../../../src/config/keys';
import { formatLimit, limit } from '../../../src/config/limits';
import { configSchema, type Config } from '../../../src/config/schema';

const messageFor = (value: unknown): string | undefined => limit.safeParse(value).error?.issues[0]?.message;

describe('a limit', () => {
  it.each([
    ['30/1m', { count: 30, seconds: 60 }],
    ['1000/1h', { count: 1000, seconds: 3600 }],
    ['1/1s', { count: 1, seconds: 1 }],
    ['1000000/1d', { count: 1_000_000, seconds: 86_400 }],
    ['5/90', { count: 5, seconds: 90 }],
    ['5/1.5m', { count: 5, seconds: 90 }],
    ['unlimited', 'unlimited'],
  ])('is read from %j', (text, expected) => {
    expect(limit.parse(text)).toEqual(expected);
  });

  it.each([
    '',
    '30',
    '30/',
    '/1m',
    '30 / 1m',
    '-1/1m',
    '1.5/1m',
    '1e3/1m',
    '30/1x',
    '30/1m/1m',
    '30/-1s',
    30,
    null,
    true,
  ])('is not read from %j, and what would be right is said', (value) => {
    expect(messageFor(value)).toBe('expected a count and a time such as 30/1m or 1000/1h, or unlimited');
  });

  it.each(['0/1m', '1000001/1m', '999999999999999/1m'])(
    'of none, or of more than can be meant, is refused: %s',
    (text) => {
      expect(messageFor(text)).toBe('the count must be from 1 to 1000000');
    },
  );

  it.each(['1/0', '1/999ms', '1/25h', '1/30d'])('is refused where no timer could end it: %s', (text) => {
    expect(messageFor(text)).toBe('the time must be from 1s to 1d');
  });

  it('is written as it is read', () => {
    for (const text of ['30/60s', '7/1.5s']) expect(formatLimit(limit.parse(text) as never)).toBe(text);
  });
});

describe('the configuration', () => {
  const parse = (given: object): Config => configSchema.parse(given);

  it('limits by default', () => {
    expect(parse({}).credentials.limits).toEqual({
      perKey: { count: 1000, seconds: 60 },
      perUser: { count: 30, seconds: 60 },
      perAddress: { count: 1200, seconds: 60 },
    });
  });

  it('shows limits and origins so that the shown gives the very same configuration', () => {
    const config = parse({
      credentials: { limits: { perKey: 'unlimited', perUser: '5/1h' } },
      web: { cors: ['https://app.example.org'] },
    });
    const shown = effective(config);
    expect(shown['credentials']).toMatchObject({ limits: { perKey: 'unlimited', perUser: '5/3600s' } });
    expect(parse(shown)).toEqual(config);
  });

  it('takes both from the environment', async () => {
    const environment = {
      TURNKEEPER_CREDENTIALS_LIMITS_PER_USER: '5/1h',
      TURNKEEPER_WEB_CORS: 'https://a.example, http://localhost:3000',
    };
    const layer = await fromEnvironment(environment, configKeys(), () => ({ kind: 'bad', reason: 'is not there' }));
    const checked = check(layer.settings);
    if (checked.kind === 'invalid') throw new Error('refused');
    expect(checked.config.credentials.limits.perUser).toEqual({ count: 5, seconds: 3600 });
    expect(checked.config.web.cors).toEqual(['https://a.example', 'http://localhost:3000']);
  });
});

describe('an origin of web.cors', () => {
  const isTaken = (origin: unknown): boolean => configSchema.safeParse({ web: { cors: [origin] } }).success;

  it.each([
    'https://app.example.org',
    'http://localhost:3000',
    'https://[2001:db8::1]:8443',
    'https://xn--mnchen-3ya.de',
  ])('%s is taken', (origin) => {
    expect(isTaken(origin)).toBe(true);
  });

  it.each([
    '*',
    'null',
    'https://*.example.org',
    'https://app.example.org/',
    'https://app.example.org/path',
    'https://APP.example.org',
    'https://app.example.org:443',
    'https://user@app.example.org',
    'https://münchen.de',
    'https://a.example,https://b.example',
    'file://',
    'ftp://a.example',
    'app.example.org',
    ' https://app.example.org',
    '',
    7,
  ])('%j, which no browser would send, or which would be a wildcard, is refused', (origin) => {
    expect(isTaken(origin)).toBe(false);
  });
});
