import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describeMistakes, loadConfig, type ConfigInputs } from '../../../src/config/load';

const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const load = (inputs: Partial<ConfigInputs>) =>
  loadConfig({ flags: {}, file: undefined, environment: {}, reservedExtraKeys: () => [], ...inputs });

async function sentences(inputs: Partial<ConfigInputs>): Promise<string> {
  const loaded = await load(inputs);
  return loaded.kind === 'invalid' ? describeMistakes(loaded.mistakes) : '';
}

describe('loadConfig', () => {
  it('lets a flag go before the environment, that before the file, that before the default', async () => {
    const layer = fc.option(fc.constantFrom('debug', 'info', 'warn', 'error'), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(layer, layer, layer, async (flag, variable, yaml) => {
        const loaded = await load({
          flags: { '--log.level': flag },
          environment: { TURNKEEPER_LOG_LEVEL: variable },
          file: yaml === undefined ? undefined : file('level.yml', `log: { level: ${yaml} }`),
        });
        expect(loaded).toMatchObject({ config: { log: { level: flag ?? variable ?? yaml ?? 'info' } } });
      }),
    );
  });

  it('reports the mistakes of all sources at once, each with its path and where it stands', async () => {
    const text = await sentences({
      flags: { '--log.level': 'loud', '--web.listen-address': 'nowhere' },
      environment: { TURNKEEPER_COTURN_MIN_PORT: 'low', TURNKEEPER_COTURN_RELAM: 'x' },
      file: file('bad.yml', 'coturn:\n  maxPort: 0\n  relam: x\n  cert: /c.pem\n'),
    });
    expect(text.split('\n')).toEqual([
      'the configuration has 7 mistakes:',
      `  coturn.relam: unknown key; did you mean coturn.realm? (${folder}/bad.yml:3)`,
      '  TURNKEEPER_COTURN_RELAM: unknown variable; did you mean TURNKEEPER_COTURN_REALM? (environment)',
      '  log.level: expected one of debug, info, warn, error, not "loud" (--log.level)',
      '  web.listenAddress: expected host:port, such as 127.0.0.1:9642 or [::1]:9642, not "nowhere" (--web.listen-address)',
      '  coturn.minPort: expected a port from 1 to 65535, not "low" (TURNKEEPER_COTURN_MIN_PORT)',
      `  coturn.maxPort: expected a port from 1 to 65535, not 0 (${folder}/bad.yml:2)`,
      `  coturn.cert: needs coturn.pkey as well (${folder}/bad.yml:4)`,
    ]);
  });

  it('takes the file from the environment where no flag names one', async () => {
    const named = file('named.yml', 'coturn: { realm: from-file }');
    const environment = { TURNKEEPER_CONFIG_FILE: named };
    expect(await load({ environment })).toMatchObject({ config: { coturn: { realm: 'from-file' } } });
    const other = file('other.yml', 'coturn: { realm: from-other }');
    expect(await load({ environment, file: other })).toMatchObject({ config: { coturn: { realm: 'from-other' } } });
  });

  it('reads a secret from a file', async () => {
    const environment = { TURNKEEPER_CREDENTIALS_SECRET_FILE: file('secret', 'hunter2hunter2\n') };
    expect(await load({ environment })).toMatchObject({ config: { credentials: { secret: 'hunter2hunter2' } } });
  });

  it('refuses the keys of coturn.extra that the caller reserves, also where others of its keys are wrong', async () => {
    const text = await sentences({
      file: file('extra.yml', 'coturn: { extra: { no-cli: true, max-bps: { a: b } } }'),
      reservedExtraKeys: (extra) => Object.keys(extra).filter((name) => name === 'no-cli'),
    });
    expect(text).toContain('coturn.extra.no-cli: the agent sets this itself');
    expect(text).toContain('coturn.extra.max-bps: expected');
  });

  it.each([
    ['is missing', () => join(folder, 'nowhere.yml'), 'does not exist'],
    ['is a folder', () => folder, 'is a directory'],
    ['is enormous', () => file('enormous.yml', ' '.repeat(2 ** 20 + 1)), 'is larger than 1 MiB'],
  ])('says so when the file %s', async (_, path, reason) => {
    expect(await sentences({ file: path() })).toMatch(new RegExp(`the file ${path()} ${reason}.*\\(--config.file\\)`));
  });
});
