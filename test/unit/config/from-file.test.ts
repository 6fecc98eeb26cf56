import { fromFile } from '../../../src/config/from-file';
import { configKeys } from '../../../src/config/keys';

const read = (text: string) => fromFile('tk.yml', text, configKeys());

async function valuesOf(text: string): Promise<Record<string, unknown>> {
  const { settings, mistakes } = await read(text);
  expect(mistakes).toEqual([]);
  return Object.fromEntries(settings.map(({ key, value }) => [key.name, value]));
}

async function mistakesOf(text: string): Promise<string[]> {
  const { mistakes } = await read(text);
  return mistakes.map(({ path, message, source }) => `${source} ${path}: ${message}`);
}

describe('fromFile', () => {
  it('reads each key with the line where it stands', async () => {
    const { settings } = await read('coturn:\n  realm: example.org\n\n  extra:\n    max-bps: 1\n');
    expect(settings.map(({ key, value, source }) => [key.name, value, source])).toEqual([
      ['coturn.realm', 'example.org', 'tk.yml:2'],
      ['coturn.extra', { 'max-bps': 1 }, 'tk.yml:4'],
    ]);
  });

  it.each(['', '# nothing but a comment\n', '---\n', 'coturn:\nweb:\n', 'coturn: { realm: }'])(
    'takes %j for a file that sets nothing',
    async (text) => {
      expect(await valuesOf(text)).toEqual({});
    },
  );

  it('follows anchors', async () => {
    expect(await valuesOf('coturn: { relayIp: &ips [192.0.2.1], listeningIp: *ips }')).toEqual({
      'coturn.relayIp': ['192.0.2.1'],
      'coturn.listeningIp': ['192.0.2.1'],
    });
  });

  it.each([
    ['coturn:\n  relam: x', 'tk.yml:2 coturn.relam: unknown key; did you mean coturn.realm?'],
    ['cotrun: {}', 'tk.yml:1 cotrun: unknown key; did you mean coturn?'],
    ['listenAddress: x', 'tk.yml:1 listenAddress: unknown key; did you mean web.listenAddress?'],
    ['coturn: { banana: 1 }', 'tk.yml:1 coturn.banana: unknown key'],
    ['{ "a\\nb": 1 }', 'tk.yml:1 "a\\nb": unknown key'],
    ['1: x', 'tk.yml:1 1: unknown key'],
    ['__proto__: { realm: x }', 'tk.yml:1 __proto__: unknown key'],
    ['web: [a]', 'tk.yml:1 web: expected a mapping (key: value)'],
    ['- a', 'tk.yml : expected a mapping (key: value)'],
    ['just a text', 'tk.yml : expected a mapping (key: value)'],
    [
      'web:\n  listenAddress: a:1\n  listenAddress: b:1',
      'tk.yml:3 : this key stands twice in its mapping: keep one of them',
    ],
    ['web:\n\tlistenAddress: x', 'tk.yml:2 : a tab cannot indent in YAML: use spaces'],
    ['web: {}\n---\nweb: {}', 'tk.yml:2 : a second document begins here: keep one'],
  ])('refuses %j', async (text, mistake) => {
    expect(await mistakesOf(text)).toEqual([mistake]);
  });

  it('reports several mistakes of a file at once', async () => {
    expect(await mistakesOf('banana: 1\nweb: 3\ncoturn: { relam: x }')).toHaveLength(3);
  });

  it.each([
    'credentials: { secret: *hunter22 }',
    'credentials: { secret: !hunter22 x }',
    'credentials: { secret: "\\hunter22" }',
  ])('does not quote the text that it could not read: %s', async (text) => {
    const mistakes = await mistakesOf(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes.join()).not.toContain('unter22');
  });

  it('does not unfold a bomb of aliases', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`,
    );
    expect(await mistakesOf(`l0: &l0 [x]\n${levels.join('\n')}\n`)).toEqual([
      expect.stringContaining('an alias (*name)'),
    ]);
  });
});
