import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { apiServer, closeServers } from './api-server';
import { usageRecord, usageSum } from './samples';
import { turnkeeper } from './turnkeeper';

const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-usage-'));
const file = join(folder, 'usage.csv');

beforeEach(() => {
  rmSync(file, { force: true });
});
afterEach(closeServers);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ndjson = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const answering = (text: string) => apiServer((_request, response) => response.end(text));
/** Says that more follows, and breaks the connection. */
const breaking = (text: string) =>
  apiServer((_request, response: ServerResponse) => {
    response.write(text, () => response.destroy());
  });

describe('turnkeeper usage', () => {
  it('shows records with times in the zone that was asked for', async () => {
    const { url, asked } = await answering(ndjson([usageRecord(), usageRecord({ userId: 'bob' })]));
    const filters = ['--from', '2026-11-01', '--to=2026-12-01T00:00:00Z', '--user=u', '--realm=r', '--server=s'];
    const { stdout, status } = await turnkeeper(['usage', ...filters, '--time-zone', 'Asia/Kolkata', '--url', url], {
      columns: 110,
    });
    expect(asked).toEqual([
      'GET /v1/usage?from=2026-11-01&to=2026-12-01T00%3A00%3A00Z&user=u&realm=r&server=s&timeZone=Asia%2FKolkata' +
        '&limit=101&format=ndjson',
    ]);
    expect(status).toBe(0);
    expect(stdout).toBe(
      'ENDED                USER   REALM        DURATION  ALLOC      UP     DOWN  TRANSPORT  END     SETTLED  SERVER\n' +
        '2026-11-22 05:00:00  alice  example.org    1h 02m      2  1.2 MB  98.8 MB  udp,tls    client  exact    turn1\n' +
        '2026-11-22 05:00:00  bob    example.org    1h 02m      2  1.2 MB  98.8 MB  udp,tls    client  exact    turn1\n',
    );
  });

  it('shows no more records than asked for, also of a server that sends them, and says that there are', async () => {
    const { url, asked } = await answering(ndjson(Array.from({ length: 50 }, () => usageRecord())));
    const { stdout } = await turnkeeper(['usage', '--limit', '2', '--url', url]);
    expect(asked).toEqual(['GET /v1/usage?timeZone=UTC&limit=3&format=ndjson']);
    expect(stdout.match(/alice/g)).toHaveLength(2);
    expect(stdout).toContain('\n\nThere are more: ');
  });

  it('shows sums with the total of all of them, shown or not', async () => {
    const users = ['alice', 'bob', 'carol'].map((user) => usageSum({ user }));
    const { url, asked } = await answering(ndjson(users));
    const { stdout } = await turnkeeper(['usage', '--group-by', 'user', '--limit', '2', '--url', url]);
    expect(asked).toEqual(['GET /v1/usage?groupBy=user&timeZone=UTC&format=ndjson']);
    expect(stdout).toBe(
      'USER   SESSIONS  RELAYED  ALLOC  DURATION      UP      DOWN  TO PEERS\n' +
        'alice     1,000      900  1,500    1m 00s  1.2 MB   98.8 MB    1.2 MB\n' +
        'bob       1,000      900  1,500    1m 00s  1.2 MB   98.8 MB    1.2 MB\n' +
        `${'-'.repeat(69)}\n` +
        'total     3,000    2,700  4,500    3m 00s  3.7 MB  296.3 MB    3.6 MB\n' +
        '\nShown are 2 of 3 rows; the total is of all (see --limit).\n',
    );
  });

  it('takes times that count back from now', async () => {
    const { url, asked } = await answering('');
    const { stdout } = await turnkeeper(['usage', '--from', '24h', '--url', url]);
    expect(stdout).toBe('No session that ended in this time has a record.\n');
    const from = new URL(asked[0]?.slice(4) ?? '', url).searchParams.get('from') ?? '';
    expect(Math.abs(Date.now() - 86_400_000 - Date.parse(from))).toBeLessThan(60_000);
  });

  it.each([
    [['--from', 'soon'], '--from: expected 24h'],
    [['--to', '2026-13-01'], '--to: expected 24h'],
    [['--time-zone', 'Mars/Olympus'], 'IANA time zone'],
    [['--group-by', 'user,user'], 'each once'],
    [['--group-by', 'colour'], 'day, server, realm, user'],
    [['--limit', '5001'], 'use --json or --csv for more'],
    [['--limit', '5', '--csv', '--group-by', 'user'], 'leave out --limit'],
    [['--csv', '--json'], 'cannot be used with'],
  ])('refuses %j with status 2, and asks nobody', async (args, sentence) => {
    const { url, asked } = await answering('');
    const { status, stdout, stderr } = await turnkeeper(['usage', ...args, '--url', url]);
    expect({ status, stdout, asked }).toEqual({ status: 2, stdout: '', asked: [] });
    expect(stderr).toContain(sentence);
  });
});

describe('an export', () => {
  const csv = 'id,userId\r\n1,"a\nb"\r\n2,\u009b\r\n';

  it('is what the server sends', async () => {
    const { url, asked } = await answering(csv);
    expect((await turnkeeper(['usage', '--csv', '--limit', '20000', '--url', url])).stdout).toBe(csv);
    expect((await turnkeeper(['usage', '--json', '--group-by=day', '--url', url])).stdout).toBe(csv);
    expect(asked).toEqual([
      'GET /v1/usage?timeZone=UTC&format=csv&limit=20000',
      'GET /v1/usage?groupBy=day&timeZone=UTC&format=ndjson',
    ]);
  });

  it('drives no terminal', async () => {
    const { url } = await answering(csv);
    const { stdout } = await turnkeeper(['usage', '--csv', '--url', url], { columns: 80 });
    expect(stdout).toBe('id,userId\n1,"a\nb"\n2,\\u009b\n');
  });

  it('goes to a file, and says to who watches how much it was', async () => {
    const { url } = await answering(csv);
    const outcome = await turnkeeper(['usage', '--csv', '--output', file, '--url', url], { watched: true });
    expect(outcome).toMatchObject({ status: 0, stdout: '', stderr: `${file}: 2 records, 26 B\n` });
    expect(readFileSync(file, 'utf8')).toBe(csv);
  });

  it('that breaks off ends with status 1, and leaves the file of yesterday', async () => {
    const { url } = await breaking(csv);
    writeFileSync(file, 'yesterday');
    const outcome = await turnkeeper(['usage', '--csv', '--output', file, '--url', url]);
    expect(outcome).toMatchObject({ status: 1, stderr: expect.stringContaining('incomplete') as string });
    expect(readFileSync(file, 'utf8')).toBe('yesterday');
    expect(readdirSync(folder)).toEqual(['usage.csv']);
    for (const args of [['--csv'], ['--json'], []]) {
      const { url: again } = await breaking(args.length === 0 ? ndjson([usageRecord()]) : csv);
      const { status, stderr } = await turnkeeper(['usage', ...args, '--url', again]);
      expect({ args, status, stderr }).toEqual({
        args,
        status: 1,
        stderr: 'turnkeeper: The connection broke before the answer was whole: what came is incomplete. Ask again.\n',
      });
    }
  });

  it('says why a file can not be written', async () => {
    const { url } = await answering(csv);
    for (const path of ['/dev/full', join(folder, 'missing', 'x')]) {
      const { status, stderr } = await turnkeeper(['usage', '--csv', '--output', path, '--url', url]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^turnkeeper: Can't write to .*(ENOSPC|ENOENT)/);
    }
  });

  it('takes a second before it shows how far it is, and clears that line at its end', async () => {
    let finish = (): void => undefined;
    const { url } = await apiServer((_request, response) => {
      response.write(csv);
      finish = () => response.end('3,x\r\n');
    });
    let shown = '';
    const begun = performance.now();
    const done = turnkeeper(['usage', '--csv', '--output', file, '--url', url], {
      watched: true,
      stderr: (text) => (shown += text),
    });
    await eventually('a progress line', () => shown !== '');
    expect(performance.now() - begun).toBeGreaterThan(990);
    expect(shown).toMatch(/^\r\u001b\[K2 records, 26 B, \d records\/s$/);
    finish();
    await done;
    expect(shown).toMatch(/\r\u001b\[K.*: 3 records, 31 B\n$/);
  });

  it('waits for who reads it: a slow reader stops the server', async () => {
    let sent = 0;
    const { url } = await apiServer((_request, response) => {
      const row = Buffer.alloc(64 * 1024, 'x');
      const go = (): void => {
        while (sent < 256 * row.length) {
          sent += row.length;
          if (!response.write(row)) return void response.once('drain', go);
        }
        response.end();
      };
      go();
    });
    let release = (): void => undefined;
    let taken = 0;
    const done = turnkeeper(['usage', '--csv', '--url', url], {
      write: (chunk) => {
        taken += chunk.length;
        return taken > 100_000 ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve();
      },
    });
    const settled = async (): Promise<boolean> => {
      const before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return sent === before && sent > 0;
    };
    await eventually('the server to be held back', settled);
    expect(sent).toBeLessThan(12 * 1024 * 1024); // what two sockets' buffers hold
    taken = -Infinity;
    release();
    expect((await done).status).toBe(0);
    expect(sent).toBe(256 * 64 * 1024);
  });
});
