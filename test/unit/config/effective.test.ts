import { check } from '../../../src/config/check';
import { effective } from '../../../src/config/effective';
import { fromFile } from '../../../src/config/from-file';
import { configKeys } from '../../../src/config/keys';
import type { Config } from '../../../src/config/schema';

async function configOf(yaml: string): Promise<Config> {
  const { settings, mistakes } = await fromFile('tk.yml', yaml, configKeys());
  const checked = check(settings);
  if (checked.kind === 'invalid' || mistakes.length > 0) throw new Error('not valid');
  return checked.config;
}

describe('effective', () => {
  it('is a file that gives the very same configuration', async () => {
    const config = await configOf(
      'web: { listenAddress: "[::1]:80" }\nsessions: { linger: 1500ms }\ncoturn: { extra: { max-bps: 3, no-x: true } }',
    );
    expect(await configOf(JSON.stringify(effective(config)))).toEqual(config);
  });

  it('shows sections that are not there by default', async () => {
    const config = await configOf('registry: { zookeeper: zk:2181, auth: "turn:hunter2hunter2" }');
    expect(effective(config)).toMatchObject({
      registry: { zookeeper: 'zk:2181', auth: '<secret>', sessionTimeout: 10 },
    });
  });

  it('shows no secret', async () => {
    const config = await configOf(
      'credentials: { secret: hunter2hunter2 }\nsources: { statsdb: { password: hunter2hunter2 } }\n' +
        'usage: { store: postgres://bob:hunter2@localhost/usage }\ncoturn: { extra: { user: [bob:hunter2], psql-userdb: password=hunter2, max-bps: 3 } }',
    );
    const shown = effective(config);
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown).toMatchObject({
      credentials: { secret: '<secret>' },
      coturn: { extra: { user: '<secret>', 'max-bps': 3 } },
    });
  });
});
