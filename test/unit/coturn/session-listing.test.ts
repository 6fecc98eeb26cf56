import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { SessionListing } from '../../../src/coturn/session-listing';
import { parseStatus } from '../../../src/coturn/stats-message';
import { TelnetText } from '../../../src/coturn/telnet-text';
import { readCapture } from '../../support/captures';

/** Reads bytes as they come from coturn behind a `ps`; the rest is what came after the end of the answer. */
function read(bytes: Uint8Array): { listing: SessionListing; rest: number | undefined } {
  const listing = new SessionListing();
  const tokens = new TelnetText().feed(bytes);
  const end = tokens.findIndex((token) => listing.take(token));
  return { listing, rest: end === -1 ? undefined : tokens.length - end - 1 };
}

/** As libtelnet writes what `myprintf` prints. */
function written(text: string): Buffer {
  const escaped = text.replace(
    /[\n\r\xff]/g,
    (char) => ({ '\n': '\r\n', '\r': '\r\0', '\xff': '\xff\xff' })[char] ?? '',
  );
  return Buffer.from(escaped, 'latin1');
}

interface Entry {
  readonly id: string;
  readonly username: string;
  readonly origin?: string;
  readonly relayed?: string;
}

/** An entry as `print_session` of coturn 4.6.1 writes it; texts hold a character a byte. */
function entryText({ id, username, origin = '', relayed = '127.0.0.1:50000' }: Entry): string {
  return [
    `\n    1) id=${id}, user <${username}>:\n      realm: example.org\n`,
    origin === '' ? '' : `      origin: ${origin}\n`,
    '      started 7 secs ago\n      expiring in 594 secs\n      client protocol TLS/TCP, relay protocol UDP\n',
    '      client addr 192.0.2.1:4000, server addr 127.0.0.1:5349\n',
    relayed === '' ? '' : `      relay addr ${relayed}\n`,
    '      fingerprints enforced: OFF\n      mobile: OFF\n      TLS method: TLSv1.3\n      TLS cipher: AES\n',
    '      usage: rp=5, rb=380, sp=4, sb=348\n       rate: r=0, s=0, total=0 (bytes per sec)\n',
    '      peers:\n          127.0.0.1\n',
  ].join('');
}

const answerText = (entries: readonly Entry[]): string =>
  `${entries.map(entryText).join('')}\n  Total sessions: ${entries.length}\n\n> `;

const A = '000000000000000001';
const B = '001000000000000002';
const FOUND = {
  realm: 'example.org',
  transport: 'tls',
  remote: '192.0.2.1:4000',
  relayed: '127.0.0.1:50000',
  startedSecondsAgo: 7,
  expiresInSeconds: 594,
};

describe.each(['4.6.1', '4.17.1'])('the capture of coturn %s', (version) => {
  const bytes = readFileSync(join(__dirname, `../../fixtures/coturn-${version}/cli.bin`));
  const end = bytes.indexOf('> ', bytes.indexOf('Total sessions')) + '> '.length;
  const { listing, rest } = read(bytes.subarray(bytes.indexOf('    1) id='), end));

  test('gives as many sessions as coturn counted, and ends at its prompt', () => {
    expect(listing.sessions).toHaveLength(listing.total);
    expect(listing.total).toBeGreaterThanOrEqual(12);
    expect(rest).toBe(0);
  });

  test('says of each what the stats connection said when it began', () => {
    const said = new Map<string, unknown>();
    for (const { cmd } of readCapture(`coturn-${version}`)) {
      const status = cmd?.[0] === 'publish' ? parseStatus(cmd[2] ?? '') : undefined;
      if (status?.kind === 'new') said.set(cmd?.[1] ?? '', status.endpoint);
    }
    for (const { id, realm, username, transport, remote } of listing.sessions) {
      const key = `turn/realm/${realm}/user/${username}/allocation/${id}/status`;
      expect([key, said.get(key)]).toEqual([key, { transport, remote }]);
    }
  });

  test('has ages and lifetimes', () => {
    for (const { startedSecondsAgo, expiresInSeconds } of listing.sessions) {
      expect(startedSecondsAgo).toBeGreaterThanOrEqual(1);
      expect(startedSecondsAgo).toBeLessThan(60);
      expect(expiresInSeconds).toBeGreaterThan(500);
      expect(expiresInSeconds).toBeLessThanOrEqual(777);
    }
  });
});

test('an entry without a relay address is no allocation', () => {
  const { listing } = read(
    written(
      answerText([
        { id: A, username: '', relayed: '' },
        { id: B, username: 'b' },
      ]),
    ),
  );
  expect(listing.sessions).toEqual([{ id: B, username: 'b', ...FOUND }]);
});

test('a session whose time is over has none left, and an unknown protocol is "other"', () => {
  const text = answerText([{ id: A, username: 'a' }])
    .replace(/started.*/, 'started: undefined time')
    .replace(/expiring.*/, 'expired')
    .replace('TLS/TCP,', 'TLS/SCTP ?,');
  expect(read(written(text)).listing.sessions).toMatchObject([
    { startedSecondsAgo: 0, expiresInSeconds: 0, transport: 'other' },
  ]);
});

test('of more sessions than coturn lists it is known how many there are', () => {
  const text = answerText([{ id: A, username: 'a' }]).replace('sessions: 1', 'sessions: 70000');
  const { listing } = read(written(text));
  expect([listing.sessions.length, listing.total]).toEqual([1, 70_000]);
});

test('a user name is read whole, whatever it holds of what coturn lets pass', () => {
  const name = fc.string({ unit: 'binary', maxLength: 100 }).filter((text) => !/[ \t\n\r'"\\\0]/.test(text));
  const like = fc.constantFrom('>:', `9:x>:`, `1)id=${B},user<y>:`, '<', 'relay:>', '日本>:', '/allocation/');
  fc.assert(
    fc.property(fc.oneof(name, like), (username) => {
      const bytes = Buffer.from(username, 'utf8').toString('latin1');
      const { listing } = read(
        written(
          answerText([
            { id: A, username: bytes },
            { id: B, username: 'b' },
          ]),
        ),
      );
      expect(listing.sessions.map((session) => session.username)).toEqual([username, 'b']);
    }),
  );
});

test('whatever a client writes as its origin, newlines and all, makes, hides, changes or ends nothing', () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\n> ', '> ', '\r', '\xff', '\n\n', '\n  Total sessions: 0\n', '\n      realm: evil\n'),
    fc.constantFrom(`\n    2) id=${'9'.repeat(18)}, user <9:victim>:\n`, '\n      origin: ', '\n      expired\n'),
    fc.constantFrom(
      '\n      started 99999 secs ago\n',
      '\n      relay addr 1.2.3.4:5\n',
      '\n      client protocol UDP,',
    ),
    fc.uint8Array({ min: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const origin = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join('').slice(0, 127));
  fc.assert(
    fc.property(origin, (text) => {
      const entries = [
        { id: A, username: 'a', origin: text },
        { id: B, username: 'b' },
      ];
      const { listing, rest } = read(written(answerText(entries)));
      expect(rest).toBe(0);
      expect(listing.total).toBe(2);
      expect(listing.sessions).toEqual([
        { id: A, username: 'a', ...FOUND },
        { id: B, username: 'b', ...FOUND },
      ]);
    }),
    { numRuns: 2000 },
  );
});

test('no bytes make the reader throw, or give a session that is none', () => {
  const capture = readFileSync(join(__dirname, '../../fixtures/coturn-4.6.1/cli.bin'));
  const cut = fc.record({ from: fc.nat(capture.length), length: fc.nat(400) });
  const part = fc.oneof(
    cut.map(({ from, length }) => capture.subarray(from, from + length)),
    fc.uint8Array({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      for (const session of read(Buffer.concat(parts)).listing.sessions) {
        expect(session.id).toMatch(/^\d{18}$/);
        expect(session.relayed).not.toBe('');
        for (const seconds of [session.startedSecondsAgo, session.expiresInSeconds]) {
          expect(Number.isSafeInteger(seconds) && seconds >= 0 && seconds < 1e10).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});
