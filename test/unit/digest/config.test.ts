import { check } from '../../../src/config/check';
import { effective } from '../../../src/config/effective';
import { fromFile } from '../../../src/config/from-file';
import { configKeys } from '../../../src/config/keys';
import { smtpServerOf } from '../../../src/digest/smtp-server';

const MAIL = { smtp: 'smtps://bob:hunter2@mail.example.org', from: 'turn@example.org', to: ['ops@example.org'] };

async function checked(digest: object): Promise<ReturnType<typeof check>> {
  const { settings } = await fromFile('tk.yml', JSON.stringify({ digest }), configKeys());
  return check(settings);
}

async function mistakes(digest: object): Promise<string> {
  const result = await checked(digest);
  return result.kind === 'valid' ? '' : result.mistakes.map(({ path, message }) => `${path}: ${message}`).join('\n');
}

test('a digest is asked for with a mail, a webhook or both, and its secrets are not shown', async () => {
  const result = await checked({ webhook: 'https://hooks.example.org/hunter2', email: MAIL });
  if (result.kind === 'invalid') throw new Error('not valid');
  expect(result.config.digest).toMatchObject({ every: 86_400, at: '00:00', evenIfEmpty: false });
  expect(effective(result.config)['digest']).toMatchObject({ webhook: '<secret>', email: { smtp: '<secret>' } });
  expect(JSON.stringify(effective(result.config))).not.toContain('hunter2');
});

test('a digest that goes nowhere is a mistake', async () => {
  expect(await mistakes({ every: '1d' })).toContain('digest.webhook: is missing, and so is digest.email');
});

test.each([
  ['from', { ...MAIL, from: 'ops@example.org\r\nBcc: all@example.org' }],
  ['to', { ...MAIL, to: ['ops@example.org, all@example.org'] }],
  ['to', { ...MAIL, to: [] }],
  ['smtp', { ...MAIL, smtp: 'smtps://bob:hunter2@' }],
  ['smtp', { ...MAIL, smtp: 'smtps://bob:hunter2@host/?tls=no' }],
  ['smtp', { ...MAIL, smtp: 'smtps://bob:hunter2%@host' }],
  ['smtp', { ...MAIL, smtp: 'http://bob:hunter2@host' }],
])('a bad %s is told, and no secret with it', async (key, email) => {
  const told = await mistakes({ email });
  expect(told).toMatch(new RegExp(`^digest\\.email\\.${key}`));
  expect(told).not.toContain('hunter2');
});

test.each(['https://bob:hunter2@hooks.example.org/turn', 'ftp://hooks.example.org/hunter2', 'hunter2'])(
  'the webhook %s, to which nothing could be sent, is told, and no secret with it',
  async (webhook) => {
    const told = await mistakes({ webhook });
    expect(told).toMatch(/^digest\.webhook: expected a URL/);
    expect(told).not.toContain('hunter2');
  },
);

test.each([['1s'], ['32d']])('every: %s is refused', async (every) => {
  expect(await mistakes({ every, email: MAIL })).toContain('must be from 1m to 31d');
});

test('a password goes over TLS alone, but to this machine', () => {
  const server = (url: string): unknown => smtpServerOf(url);
  const auth = { user: 'bob@example.org', pass: 'p:w' };
  expect(server('smtps://bob%40example.org:p%3Aw@mail')).toEqual({
    host: 'mail',
    port: 465,
    secure: true,
    requireTLS: false,
    auth,
  });
  expect(server('smtp://bob%40example.org:p%3Aw@mail')).toEqual({
    host: 'mail',
    port: 587,
    secure: false,
    requireTLS: true,
    auth,
  });
  expect(server('smtp://bob%40example.org:p%3Aw@[::1]:25')).toEqual({
    host: '::1',
    port: 25,
    secure: false,
    requireTLS: false,
    auth,
  });
  expect(server('smtp://mail:25')).toEqual({ host: 'mail', port: 25, secure: false, requireTLS: false });
});
