import { timeZoneName, usageTime } from '../../../src/cli/usage-times';

const NOW = Date.parse('2026-11-21T23:30:00Z');

describe('a time for --from and --to', () => {
  it.each([
    ['24h', 'UTC', '2026-11-20T23:30:00.000Z'],
    ['90s', 'UTC', '2026-11-21T23:28:30.000Z'],
    ['1w', 'Asia/Tokyo', '2026-11-14T23:30:00.000Z'],
    ['today', 'UTC', '2026-11-21'],
    ['today', 'Asia/Tokyo', '2026-11-22'],
    ['yesterday', 'Asia/Tokyo', '2026-11-21'],
    ['2026-11-01', 'UTC', '2026-11-01'],
    ['2026-11-01T00:00:00+09:00', 'UTC', '2026-11-01T00:00:00+09:00'],
    ['2026-11-01T00:00Z', 'UTC', '2026-11-01T00:00Z'],
  ])('%s in %s is %s', (text, timeZone, asked) => {
    expect(usageTime('--from', text, NOW, timeZone)).toBe(asked);
  });

  it('is the day before, also over the change of a month', () => {
    expect(usageTime('--to', 'yesterday', Date.parse('2026-03-01T12:00:00Z'), 'UTC')).toBe('2026-02-28');
  });

  it.each(['', 'now', '24', '-1h', '2026-11-31T00:00', '2026-13-01', '2026-11-01 08:00', '1e9d', '9999999d'])(
    'is not %j',
    (text) => {
      expect(() => usageTime('--from', text, NOW, 'UTC')).toThrow(/^--from: expected 24h, 7d/);
    },
  );
});

describe('a time zone', () => {
  it('is one that this machine knows', () => {
    expect(timeZoneName('Asia/Kathmandu')).toBe('Asia/Kathmandu');
    for (const text of ['', 'Mars/Olympus', 'UTC; DROP']) expect(() => timeZoneName(text)).toThrow('IANA');
  });
});
