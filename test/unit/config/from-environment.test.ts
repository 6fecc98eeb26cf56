import { fromEnvironment } from '../../../src/config/from-environment';
import { configKeys } from '../../../src/config/keys';
import type { FileText } from '../../../src/config/read-text';

const FILES: Readonly<Record<string, string>> = {
  '/run/secret': 'from-a-file\n',
  '/run/two-newlines': 'from-a-file\n\n',
  '/run/windows': 'from-a-file\r\n',
};

function readText(path: string): FileText {
  const text = FILES[path];
  return text === undefined ? { kind: 'bad', reason: 'does not exist' } : { kind: 'text', text };
}

const read = (environment: Record<string, string>) => fromEnvironment(environment, configKeys(), readText);

async function valueOf(environment: Record<string, string>): Promise<unknown> {
  const { settings, mistakes } = await read(environment);
  expect(mistakes).toEqual([]);
  expect(settings).toHaveLength(1);
  return settings[0]?.value;
}

async function mistakeOf(environment: Record<string, string>): Promise<unknown> {
  const { settings, mistakes } = await read(environment);
  expect(settings).toEqual([]);
  expect(mistakes).toHaveLength(1);
  return mistakes[0];
}

describe('fromEnvironment', () => {
  it('reads numbers, lists, and records as YAML or JSON', async () => {
    expect(await valueOf({ TURNKEEPER_COTURN_MIN_PORT: '50000' })).toBe(50_000);
    expect(await valueOf({ TURNKEEPER_COTURN_RELAY_IP: '192.0.2.1,192.0.2.2' })).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await valueOf({ TURNKEEPER_COTURN_EXTRA: '{ max-bps: 3000000, mobility: true }' })).toEqual({
      'max-bps': 3_000_000,
      mobility: true,
    });
    expect(await valueOf({ TURNKEEPER_COTURN_EXTRA: '{"max-bps":1}' })).toEqual({ 'max-bps': 1 });
  });

  it.each([
    ['/run/secret', 'from-a-file'],
    ['/run/windows', 'from-a-file'],
    ['/run/two-newlines', 'from-a-file\n'],
  ])('takes the content of %s less one newline', async (file, value) => {
    expect(await valueOf({ TURNKEEPER_CREDENTIALS_SECRET_FILE: file })).toBe(value);
  });

  it('does not name a file that is not there: the name may be the secret itself', async () => {
    expect(await mistakeOf({ TURNKEEPER_CREDENTIALS_SECRET_FILE: 'hunter2hunter2' })).toEqual({
      path: 'credentials.secret',
      source: 'TURNKEEPER_CREDENTIALS_SECRET_FILE',
      message: 'the file that it names does not exist',
    });
  });

  it('refuses a value that is given twice', async () => {
    const both = { TURNKEEPER_CREDENTIALS_SECRET_FILE: '/run/secret', TURNKEEPER_CREDENTIALS_SECRET: 'abcdefgh' };
    expect(await mistakeOf(both)).toMatchObject({
      message: 'TURNKEEPER_CREDENTIALS_SECRET is set as well: keep one of the two',
    });
  });

  it('reports an unknown variable and what was probably meant', async () => {
    expect(await mistakeOf({ TURNKEEPER_COTURN_RELAM: 'x' })).toEqual({
      path: 'TURNKEEPER_COTURN_RELAM',
      source: 'environment',
      message: 'unknown variable; did you mean TURNKEEPER_COTURN_REALM?',
    });
    expect(await mistakeOf({ TURNKEEPER_BANANA: 'x' })).toMatchObject({ message: 'unknown variable' });
  });

  it('reports a record that is no YAML', async () => {
    expect(await mistakeOf({ TURNKEEPER_COTURN_EXTRA: '{ max-bps: [ }' })).toMatchObject({
      path: 'coturn.extra',
      source: 'TURNKEEPER_COTURN_EXTRA',
    });
  });

  it("leaves alone what is empty, the configuration file's own variable, and everybody else's", async () => {
    const environment = {
      TURNKEEPER_COTURN_REALM: '',
      TURNKEEPER_CONFIG_FILE: 'x.yml',
      PATH: '/bin',
      TURNKEEPERS: 'x',
    };
    expect(await read(environment)).toEqual({ settings: [], mistakes: [] });
  });
});
