interface Machine {
  readonly osRelease: string;
  readonly isRoot: boolean;
}
const { obstacle } = jest.requireActual<{ obstacle: (names: string[], machine: Machine) => string | undefined }>(
  '../../../scripts/lib/system-packages.js',
);
const { wantsCoturn } = jest.requireActual<{ wantsCoturn: (answer: string) => boolean }>(
  '../../../scripts/lib/prepare.js',
);

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n';
const MINT = 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n';
const FEDORA = 'NAME="Fedora Linux"\nID=fedora\nSUPPORT="not like debian"\n';

describe('obstacle', () => {
  it.each([DEBIAN, MINT])('finds none for root on Debian and what was made from it', (osRelease) => {
    expect(obstacle(['coturn'], { osRelease, isRoot: true })).toBeUndefined();
  });

  it('names the packages to somebody who is not root', () => {
    expect(obstacle(['coturn', 'prometheus'], { osRelease: DEBIAN, isRoot: false })).toContain(
      '`sudo apt-get install coturn prometheus`',
    );
  });

  it.each([FEDORA, ''])('does not try apt-get elsewhere', (osRelease) => {
    expect(obstacle(['coturn'], { osRelease, isRoot: true })).toContain('on Debian and Ubuntu only');
  });
});

describe('wantsCoturn', () => {
  const answer = (coturn: object, valid = true): string => JSON.stringify({ valid, config: { coturn } });

  it('is true when the agent would run the turnserver of the PATH', () => {
    expect(wantsCoturn(answer({ supervise: true, binary: 'turnserver' }))).toBe(true);
  });

  it.each([
    ['somebody else runs coturn', answer({ supervise: false, binary: 'turnserver' })],
    ['another binary is configured', answer({ supervise: true, binary: '/opt/coturn/turnserver' })],
    ['the configuration is wrong', JSON.stringify({ valid: false, mistakes: [] })],
    ['only the help was asked for', 'Usage: turnkeeper [run]'],
  ])('is false when %s', (_, text) => {
    expect(wantsCoturn(text)).toBe(false);
  });
});
