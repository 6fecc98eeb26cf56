import { apiServer, closeServers, sendJson } from './api-server';
import { liveSession } from './samples';
import { turnkeeper } from './turnkeeper';

afterEach(closeServers);

describe('turnkeeper sessions', () => {
  it('asks for what it was told, and shows a table', async () => {
    const { url, asked } = await apiServer((_request, response) => {
      sendJson(response, { sessions: [liveSession(), liveSession({ id: 'turn1-3-2', userId: 'bob' })] });
    });
    const outcome = await turnkeeper(['sessions', '--url', url, '--user', 'a&b', '--realm=example.org', '--limit=7']);
    expect(asked).toEqual(['GET /v1/sessions?user=a%26b&realm=example.org&limit=7']);
    expect(outcome).toEqual({
      status: 0,
      stdout:
        'ID         USER   REALM           AGE  ALLOC      UP     DOWN  TRANSPORT\n' +
        'turn1-3-1  alice  example.org  1h 02m      1  1.2 MB  98.8 MB  udp,tls\n' +
        'turn1-3-2  bob    example.org  1h 02m      1  1.2 MB  98.8 MB  udp,tls\n',
      stderr: '',
      started: undefined,
    });
  });

  it('never lets a user name reach the terminal as it is, nor widen the table', async () => {
    const hostile = `\u001b]0;x\u0007\u009b2J\u202e\n${'漢'.repeat(200)}`;
    const { url } = await apiServer((_request, response) => {
      sendJson(response, { sessions: [liveSession({ userId: hostile, realm: hostile, transports: [hostile] })] });
    });
    for (const args of [['sessions'], ['sessions', '--json']]) {
      const { stdout } = await turnkeeper([...args, '--url', url], { columns: 60 });
      expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    }
    const { stdout } = await turnkeeper(['sessions', '--url', url], { columns: 60 });
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  });

  it('follows the pages up to the limit, and says when there are more', async () => {
    const { url, asked } = await apiServer((_request, response, { searchParams }) => {
      const first = Number(searchParams.get('after') ?? 0);
      const count = Number(searchParams.get('limit'));
      const sessions = Array.from({ length: count }, (_, i) => liveSession({ id: `s${first + i}` }));
      sendJson(response, { sessions, next: String(first + count) });
    });
    const { stdout } = await turnkeeper(['sessions', '--url', url, '--limit', '1500', '--json']);
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(Array.from({ length: 1500 }, (_, i) => `s${i}`));
    expect(asked).toEqual(['GET /v1/sessions?limit=1000', 'GET /v1/sessions?after=1000&limit=500']);
    expect((await turnkeeper(['sessions', '--url', url])).stdout).toMatch(/\ns99 .*\n\nThere are more: .*\n$/);
  });

  it('says it where none is under way', async () => {
    const { url } = await apiServer((_request, response) => {
      sendJson(response, { sessions: [] });
    });
    expect((await turnkeeper(['sessions', '--url', url])).stdout).toBe('No session is under way.\n');
    expect((await turnkeeper(['sessions', '--json', '--url', url])).stdout).toBe('');
  });

  it('shows one in detail', async () => {
    const { url, asked } = await apiServer((_request, response) => {
      sendJson(response, liveSession());
    });
    const { stdout, status } = await turnkeeper(['sessions', 'turn1/3', '--url', url]);
    expect({ asked, status }).toEqual({ asked: ['GET /v1/sessions/turn1%2F3'], status: 0 });
    expect(stdout).toContain('user         alice (1795238008:alice)\n');
    expect(stdout).toContain('to client    98.8 MB (98,765,432 bytes in 5 packets)\n');
    expect(stdout).toContain('012345678901234567  udp        192.0.2.1:5555');
    const json = await turnkeeper(['sessions', 'turn1/3', '--json', '--url', url]);
    expect(JSON.parse(json.stdout)).toEqual(liveSession());
  });
});

describe('turnkeeper sessions end', () => {
  it.each([
    [3, [], 0, 'Session s1 is ended: its 3 allocations are closed.\n'],
    [0, [], 0, 'Session s1 had no open allocation: it closes by itself.\n'],
    [2, ['001'], 1, 'Session s1 goes on: of 2 allocations 1 could not be closed (001). Try again.\n'],
  ])('says what became of it: %d allocations, still open %j', async (allocations, open, status, sentence) => {
    const { url, asked } = await apiServer((_request, response) => {
      sendJson(response, { id: 's1', allocations, open });
    });
    const outcome = await turnkeeper(['sessions', 'end', 's1', '--url', url]);
    expect(outcome).toMatchObject({ status, stdout: sentence, stderr: '' });
    expect(asked).toEqual(['DELETE /v1/sessions/s1']);
    expect((await turnkeeper(['sessions', '--url', url, 'end', '--json', 's1'])).stdout).toBe(
      `${JSON.stringify({ id: 's1', allocations, open })}\n`,
    );
  });

  it('passes on why not', async () => {
    const { url } = await apiServer((_request, response) => {
      sendJson(response, { error: { code: 'not_found', message: 'There is no session s1 under way.' } }, 404);
    });
    expect(await turnkeeper(['sessions', 'end', 's1', '--url', url])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'turnkeeper: There is no session s1 under way.\n',
    });
  });
});

describe('a mistake in the arguments', () => {
  it.each([[['--limit', '0']], [['--limit', '1e3']], [['a', 'b']], [['end']], [['--banana']]])(
    'ends with status 2: %j',
    async (args) => {
      const { status, stderr } = await turnkeeper(['sessions', ...args, '--url', 'http://127.0.0.1:1']);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^error: .+\n/) as string });
    },
  );

  it.each([[['sessions', '--help']], [['sessions', 'end', '--help']], [['usage', '--help']]])(
    'is avoided with %j',
    async (args) => {
      const { status, stdout } = await turnkeeper(args);
      expect(status).toBe(0);
      expect(stdout).toMatch(/--key-file <file>/);
      expect(stdout).not.toMatch(/--key /);
    },
  );
});
