interface Package {
  readonly version: string;
  readonly integrity?: string;
  readonly optional?: true;
}
interface Lock {
  readonly packages: Readonly<Record<string, Package>>;
}

const { matches } = jest.requireActual<{ matches: (lock: Lock, installed: Lock) => boolean }>(
  '../../../scripts/lib/npm-packages.js',
);

const lock: Lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-darwin': { version: '1.0.0', integrity: 'sha512-d', optional: true },
  },
};
const a = { version: '1.0.0', integrity: 'sha512-a' };

describe('matches', () => {
  it('is content with what was installed, less optional packages for other platforms', () => {
    expect(matches(lock, { packages: { 'node_modules/a': a } })).toBe(true);
  });

  it.each([
    ['is missing', {}],
    ['has another version', { 'node_modules/a': { ...a, version: '1.0.1' } }],
    ['has another content', { 'node_modules/a': { ...a, integrity: 'sha512-b' } }],
    ['is there that the lock does not name', { 'node_modules/a': a, 'node_modules/b': a }],
    [
      'is optional and has another version',
      { 'node_modules/a': a, 'node_modules/a-darwin': { ...a, version: '2.0.0' } },
    ],
  ])('wants an installation when a package %s', (_, packages) => {
    expect(matches(lock, { packages })).toBe(false);
  });
});
