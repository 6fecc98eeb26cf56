import { turnkeeper as runWith, type Outcome } from './turnkeeper';

const turnkeeper = (args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> =>
  runWith(args, { environment });

describe('the command line', () => {
  it.each([[[]], [['run']]])('runs the agent, and ends with its status: %j', async (args) => {
    const { status, started, stdout, stderr } = await turnkeeper(args);
    expect(started?.web.listenAddress.port).toBe(9642);
    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: '', stderr: '' });
  });

  it.each([
    [['--web.listen-address', '127.0.0.1:1', '--log.level', 'debug', '--web.config.file', 'w.yml']],
    [['--web.listen-address=127.0.0.1:1', '--log.level=debug', '--web.config.file=w.yml']],
    [['run', '--web.listen-address=127.0.0.1:1', '--log.level', 'debug', '--web.config.file=w.yml']],
    [['--log.level=debug', 'run', '--web.listen-address=127.0.0.1:1', '--web.config.file=w.yml']],
  ])('takes dotted flags: %j', async (args) => {
    const { started } = await turnkeeper(args);
    expect(started).toMatchObject({
      web: { listenAddress: { host: '127.0.0.1', port: 1 }, configFile: 'w.yml' },
      log: { level: 'debug' },
    });
  });

  it.each([[['--config.check']], [['run', '--config.check']], [['--config.check', 'run']]])(
    'only checks: %j',
    async (args) => {
      expect(await turnkeeper(args)).toEqual({
        status: 0,
        stdout: 'configuration is valid\n',
        stderr: '',
        started: undefined,
      });
    },
  );

  it('shows the configuration in effect as JSON, without its secrets', async () => {
    const environment = { TURNKEEPER_CREDENTIALS_SECRET: 'hunter2hunter2', TURNKEEPER_CREDENTIALS_TTL: '10m' };
    const { status, stdout } = await turnkeeper(['--config.check', '--json'], environment);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      config: { credentials: { secret: '<secret>', ttl: 600 }, web: { listenAddress: '127.0.0.1:9642' } },
    });
    expect(stdout).not.toContain('hunter2');
  });

  it('refuses a configuration with mistakes, whether it was to run or to check', async () => {
    const environment = { TURNKEEPER_LOG_LEVEL: 'loud', TURNKEEPER_BANANA: '1' };
    for (const args of [[], ['--config.check']]) {
      const { status, stderr, stdout, started } = await turnkeeper(args, environment);
      expect({ status, stdout, started }).toEqual({ status: 2, stdout: '', started: undefined });
      expect(stderr).toContain('turnkeeper: the configuration has 2 mistakes:\n');
    }
    const { status, stdout } = await turnkeeper(['--config.check', '--json'], environment);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      mistakes: [{ path: 'TURNKEEPER_BANANA' }, { path: 'log.level' }],
    });
  });

  it('refuses the keys of coturn.extra that the agent sets itself', async () => {
    const { status, stderr } = await turnkeeper([], { TURNKEEPER_COTURN_EXTRA: '{ cli-password: hunter2 }' });
    expect(status).toBe(2);
    expect(stderr).toContain('coturn.extra.cli-password: the agent sets this itself');
    expect(stderr).not.toContain('hunter2');
  });

  it.each([
    [['banana'], "unknown command 'banana'"],
    [['--banana'], "unknown option '--banana'"],
    [['--log.levl', 'info'], 'Did you mean --log.level?'],
    [['--config.file'], 'argument missing'],
    [['run', 'banana'], 'too many arguments'],
  ])('ends with status 2 for %j', async (args, sentence) => {
    const { status, stderr, started } = await turnkeeper(args);
    expect({ status, started }).toEqual({ status: 2, started: undefined });
    expect(stderr).toContain(sentence);
  });

  it('starts in a shell that holds the key of the client commands', async () => {
    expect(await turnkeeper(['run'], { TURNKEEPER_KEY: 'k' })).toMatchObject({ status: 7, stderr: '' });
  });

  it('prints the version and the help on standard output', async () => {
    expect(await turnkeeper(['--version'])).toMatchObject({ status: 0, stdout: '1.2.3\n' });
    const { status, stdout } = await turnkeeper(['--help']);
    expect(status).toBe(0);
    for (const flag of ['--config.file', '--config.check', '--web.listen-address', '--log.format', '--version'])
      expect(stdout).toContain(flag);
  });
});
