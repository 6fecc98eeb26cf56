import { apiServer, closeServers, sendJson } from './api-server';
import { turnkeeper } from './turnkeeper';

afterEach(closeServers);

function relay(server: string, changes: object = {}): object {
  return {
    server,
    restAddr: '10.0.0.5:9642',
    freeTraffic: 812.3,
    load: 0.188,
    allocations: 1234,
    region: 'kr',
    isps: ['skt', 'kt'],
    uris: [],
    ready: true,
    draining: false,
    updatedAt: '2026-11-21T08:00:00.000Z',
    ...changes,
  };
}

/** 4 s after the relays have said something, as `age` seconds ago. */
function fleet(relays: readonly object[], connected = true, ageSeconds = 1): object {
  return { server: 'turn1', connected, asOf: '2026-11-21T08:00:03.000Z', ageSeconds, relays };
}

describe('turnkeeper relays', () => {
  it('shows a table of the fleet', async () => {
    const old = { server: 'turn3', restAddr: '10.0.0.7:9642', freeTraffic: 5, isps: [], ready: true, draining: false };
    const { url, asked } = await apiServer((_request, response) => {
      const relays = [
        relay('turn1'),
        relay('turn2', { draining: true }),
        { ...old, updatedAt: '2026-11-21T07:00:00Z' },
      ];
      sendJson(response, fleet([...relays, relay('turn4', { ready: false })]));
    });
    expect(await turnkeeper(['relays', '--url', url])).toEqual({
      status: 0,
      stdout:
        'SERVER  STATE       FREE  LOAD  ALLOC  REGION  ISPS       AGE  ADDRESS\n' +
        'turn1   ready      812.3   19%  1,234  kr      skt,kt      4s  10.0.0.5:9642\n' +
        'turn2   draining   812.3   19%  1,234  kr      skt,kt      4s  10.0.0.5:9642\n' +
        'turn3   ready        5.0     -      -  -       -       1h 00m  10.0.0.7:9642\n' +
        'turn4   not ready  812.3   19%  1,234  kr      skt,kt      4s  10.0.0.5:9642\n',
      stderr: '',
      started: undefined,
    });
    expect(asked).toEqual(['GET /v1/relays']);
  });

  it('says how old it is when ZooKeeper is away', async () => {
    const { url } = await apiServer((_request, response) => {
      sendJson(response, fleet([relay('turn1')], false, 192));
    });
    for (const args of [['relays'], ['relays', '--json']]) {
      const { stderr, stdout } = await turnkeeper([...args, '--url', url]);
      expect(stderr).toBe('ZooKeeper is away: this was the fleet 3m 12s ago.\n');
      expect(stdout).toContain('turn1');
    }
  });

  it('never lets what another relay says reach the terminal as it is, nor widen the table', async () => {
    const hostile = `\u001b]0;x\u0007\u202e\n${'漢'.repeat(200)}`;
    const { url } = await apiServer((_request, response) => {
      sendJson(response, fleet([relay(hostile, { region: hostile, isps: [hostile], restAddr: hostile })]));
    });
    for (const args of [['relays'], ['relays', '--json']]) {
      const { stdout } = await turnkeeper([...args, '--url', url], { columns: 60 });
      expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    }
    const { stdout } = await turnkeeper(['relays', '--url', url], { columns: 60 });
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stdout).toMatch(/^SERVER +STATE +FREE/);
  });

  it('passes on why there is no fleet, and says it where nobody is in it', async () => {
    const { url } = await apiServer((_request, response) => {
      sendJson(response, { error: { code: 'not_found', message: 'This agent knows no other relays.' } }, 404);
    });
    expect(await turnkeeper(['relays', '--url', url])).toMatchObject({
      status: 1,
      stderr: 'turnkeeper: This agent knows no other relays.\n',
    });
    const empty = await apiServer((_request, response) => {
      sendJson(response, { connected: true, relays: [] });
    });
    expect((await turnkeeper(['relays', '--url', empty.url])).stdout).toBe('No relay is known.\n');
  });
});
