import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { RECORD_FIELDS, SUM_FIELDS } from '../../../src/http/usage-schema';
import { recordJson } from '../../../src/http/serialize/json';
import type { HttpServer } from '../../../src/http/server';
import type { UsageRecord } from '../../../src/turn/usage-record';
import { parseCsv } from '../../support/csv-text';
import { eventually } from '../../support/eventually';
import { usageRecord } from '../usage/store-contract';
import { ask, closeAll, startServer, type Answer } from './harness';
import { openConnections } from './open-connections';
import { usageFile, type UsageFile } from './usage-file';

afterEach(closeAll);

const get = async (file: UsageFile, query: string): Promise<Answer> =>
  ask(`${(await startServer({ usage: file.store })).url()}/v1/usage?${query}`);

describe('an export', () => {
  const NAMES = [
    '=HYPERLINK("http://evil.example")',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    "'=1",
    'a,b',
    'say "x"',
    '"',
    'two\r\nlines',
    '',
    ' ',
    'Jürgen 🦊',
    '\u2028',
    ';=1',
  ];
  /** More than the store gives at once. */
  const COUNT = 1203;
  const record = (index: number): UsageRecord =>
    usageRecord(`turn1-1-${index}`, {
      userId: NAMES[index % NAMES.length] ?? '',
      username: `${index}:${NAMES[index % NAMES.length] ?? ''}`,
      realm: NAMES[(index * 7) % NAMES.length] ?? '',
      transports: index % 2 === 0 ? [] : ['udp', 'tls'],
      clientReceivedBytes: Number.MAX_SAFE_INTEGER - index,
      relayed: index % 3 === 0,
    });
  const records = Array.from({ length: COUNT }, (_, index) => recordJson(record(index)));

  let file: UsageFile;
  beforeAll(async () => {
    file = await usageFile(COUNT, record);
  });
  afterAll(() => file.remove());

  test('as NDJSON has each record of the store on a line of its own', async () => {
    const { text } = await get(file, 'format=ndjson');
    expect(text.endsWith('}\n')).toBe(true);
    const lines = text.slice(0, -1).split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records);
  });

  test('as CSV is a file with a head, and has every field of every record, whatever the names', async () => {
    const answer = await get(file, 'format=csv');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="usage.csv"',
    });
    const [head, ...rows] = parseCsv(answer.text);
    expect(head).toEqual(Object.keys(records[0] ?? {}));
    expect(rows).toEqual(records.map((shown) => RECORD_FIELDS.map((field) => cellOf(shown[field]))));
  });

  test('as CSV holds nothing that a spreadsheet would run', async () => {
    const [, ...rows] = parseCsv((await get(file, 'format=csv')).text);
    const cells = rows.flat();
    expect(cells).toContain(`'=HYPERLINK("http://evil.example")`);
    expect(cells.filter((cell) => /(^|[;\t\r\n])[=+\-@\t\r\n]/.test(cell))).toEqual([]);
  });

  test('of sums as CSV and NDJSON has the keys first, in their order', async () => {
    const lines = (await get(file, 'groupBy=day,user&format=ndjson')).text.trimEnd().split('\n');
    const sums = lines.map((line) => JSON.parse(line) as Record<string, string | number>);
    const [head, ...rows] = parseCsv((await get(file, 'groupBy=day,user&format=csv')).text);
    const fields = ['day', 'user', ...SUM_FIELDS];
    expect(head).toEqual(fields);
    expect(sums.map((sum) => sum['user'])).toEqual([...NAMES].sort(byBytes));
    expect(rows).toEqual(sums.map((sum) => fields.map((field) => cellOf(sum[field]))));
  });

  test('has as many records as are asked for, also beyond what a page of JSON may have', async () => {
    for (const limit of [1, 500, 501, 20_000]) {
      const [, ...rows] = parseCsv((await get(file, `format=csv&limit=${limit}`)).text);
      expect(rows).toHaveLength(Math.min(limit, COUNT));
    }
  });

  test('of nothing is the head alone, or nothing', async () => {
    expect((await get(file, 'format=csv&user=nobody')).text).toBe(`${RECORD_FIELDS.join(',')}\r\n`);
    expect((await get(file, 'format=ndjson&user=nobody')).text).toBe('');
    expect((await get(file, 'format=csv&groupBy=realm&user=nobody')).text).toBe(`realm,${SUM_FIELDS.join(',')}\r\n`);
  });
});

/** What stands in a cell: a name that is a formula is taken its force. */
function cellOf(value: unknown): string {
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  return typeof value === 'string' ? text.replaceAll(/(?<=^|[;\t\r\n])(?=[=+\-@\t\r\n])/g, "'") : text;
}

/** SQLite's order. */
const byBytes = (one: string, two: string): number => Buffer.compare(Buffer.from(one), Buffer.from(two));

describe('a long export', () => {
  const COUNT = 150_000;
  const EXPORTS = 10;
  let file: UsageFile;
  beforeAll(async () => {
    file = await usageFile(COUNT, (index) => usageRecord(`turn1-1-${index}`, { userId: `user${index}` }));
  });
  afterAll(() => file.remove());

  /** The first bytes of an answer, and no more; `leave` is for a client that goes away. */
  async function begin(server: HttpServer, query: string): Promise<{ answer: IncomingMessage; leave: () => void }> {
    const asked = request(`${server.url()}/v1/usage?${query}`, { agent: false });
    asked.on('error', () => undefined);
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    answer.pause();
    return { answer, leave: () => asked.destroy() };
  }

  test('does not make the process grow, and is whole', async () => {
    const server = await startServer({ usage: file.store });
    const before = process.memoryUsage().rss;
    const { answer } = await begin(server, 'format=csv');
    let lines = 0;
    let most = 0;
    answer.on('data', (chunk: Buffer) => {
      lines += chunk.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
      most = Math.max(most, process.memoryUsage.rss());
    });
    answer.resume();
    await once(answer, 'end');
    expect(lines).toBe(COUNT + 1);
    // All of it would be 60 MB as a text, and several times that as records.
    expect((most - before) / 2 ** 20).toBeLessThan(150);
  });

  test.each(['format=csv', 'format=ndjson&groupBy=user'])(
    'that its client leaves in the middle (%s) frees what reads for it',
    async (query) => {
      const server = await startServer({ usage: file.store });
      // More than there are threads that read, one after the other and together.
      for (let i = 0; i < EXPORTS; i++) (await begin(server, query)).leave();
      const together = await Promise.all(Array.from({ length: 2 }, () => begin(server, query)));
      for (const { leave } of together) leave();
      const more = await Promise.all(
        Array.from({ length: EXPORTS }, () => ask(`${server.url()}/v1/usage?groupBy=realm`)),
      );
      expect(more.map(({ status }) => status)).toEqual(more.map(() => 200));
      expect(JSON.parse(more[0]?.text ?? '')).toMatchObject({ sums: [{ sessions: COUNT }] });
    },
  );

  test.each(['format=csv', 'format=ndjson&groupBy=user'])(
    'that its client does not read (%s) is cut off, and others are served',
    async (query) => {
      const server = await startServer({ usage: file.store, limits: { stallTimeoutMs: 300 } });
      const idle = await Promise.all([begin(server, query), begin(server, query)]);
      const answer = await ask(`${server.url()}/v1/usage?groupBy=realm`);
      expect(JSON.parse(answer.text)).toMatchObject({ sums: [{ sessions: COUNT }] });
      await eventually('they are cut off', async () => (await openConnections(server)) === 0);
      for (const { answer: unread } of idle) {
        unread.resume();
        await eventually('the answer ends', () => unread.closed);
        expect(unread.complete).toBe(false);
      }
    },
  );

  test('ends when the server stops', async () => {
    const server = await startServer({ usage: file.store, limits: { stopDeadlineMs: 100 } });
    const { answer } = await begin(server, 'format=csv');
    await server.stop();
    answer.resume();
    await eventually('the answer is broken off', () => answer.closed);
    expect(answer.complete).toBe(false);
  });
});
