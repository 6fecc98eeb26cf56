import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FleetCalls } from '../../../src/http/relays';
import { temporaryDirectory } from '../../support/coturn';
import { apiKey, bearer } from './api-keys';
import { fleetOf, NODE } from './fleet';
import { ask, closeAll, errorOf, startServer, type Answer } from './harness';

afterEach(closeAll);

async function askOf(fleet: FleetCalls | undefined, path: string): Promise<Answer> {
  return ask(`${(await startServer({ fleet })).url()}${path}`);
}

describe('GET /v1/relays', () => {
  test('shows the fleet, without the ids that agents know each other by, never to be cached', async () => {
    const answer = await askOf(fleetOf(['turn1', 'turn2']), '/v1/relays');
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const { agent: _agent, reserved: _reserved, secrets: _secrets, roundTrips: _roundTrips, ...shown } = NODE;
    expect(JSON.parse(answer.text)).toEqual({
      server: 'turn1',
      connected: true,
      asOf: expect.stringMatching(/^\d{4}-/) as string,
      ageSeconds: expect.any(Number) as number,
      relays: ['turn1', 'turn2'].map((server) => ({ server, ...shown })),
    });
  });

  test('says how old it is while ZooKeeper is away', async () => {
    const answer = JSON.parse((await askOf(fleetOf(['turn1'], {}, Date.now() - 60_000), '/v1/relays')).text) as object;
    expect(answer).toMatchObject({ connected: false });
    expect((answer as { ageSeconds: number }).ageSeconds).toBeCloseTo(60, -1);
  });

  test.each(['/v1/relays', '/v1/relays/http-sd'])(
    '%s says what to configure where there is no registry',
    async (path) => {
      const answer = await askOf(undefined, path);
      expect(answer.status).toBe(404);
      expect(errorOf(answer).message).toMatch(/registry\.zookeeper/);
    },
  );

  test.each(['/v1/relays', '/v1/relays/http-sd'])(
    '%s needs the scope read, refuses parameters and POST',
    async (path) => {
      const keys = [apiKey('reader', 'read'), apiKey('issuer', 'credentials')];
      const url = `${(await startServer({ fleet: fleetOf(['turn1']), keys })).url()}${path}`;
      expect((await ask(url, { headers: bearer('reader') })).status).toBe(200);
      expect((await ask(url, { headers: bearer('issuer') })).status).toBe(403);
      expect((await ask(`${url}?a=1`)).status).toBe(400);
      expect((await ask(url, { method: 'POST' })).status).toBe(405);
    },
  );
});

describe('GET /v1/relays/http-sd', () => {
  test('is what Prometheus discovers targets from, with a label for what a relabelling may ask', async () => {
    const answer = await askOf(fleetOf(['turn1']), '/v1/relays/http-sd');
    // Prometheus refuses any other type.
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(answer.text)).toEqual([
      {
        targets: ['10.0.0.5:9642'],
        labels: {
          __meta_turnkeeper_server: 'turn1',
          __meta_turnkeeper_region: 'kr',
          __meta_turnkeeper_isps: ',skt,kt,',
          __meta_turnkeeper_version: '0.1.0',
          __meta_turnkeeper_ready: 'true',
          __meta_turnkeeper_draining: 'false',
          __meta_turnkeeper_registered: 'true',
        },
      },
    ]);
  });

  test('keeps a relay that has left, and not where another one is reached by now: a dead relay must be seen dead', async () => {
    const fleet = fleetOf(['turn1']);
    const left = ['10.0.0.6:9642', NODE.restAddr].map((restAddr) => ({
      server: `was at ${restAddr}`,
      node: { ...NODE, restAddr },
      updatedAt: 0,
    }));
    const answer = await askOf({ ...fleet, view: { ...fleet.view, left: () => left } }, '/v1/relays/http-sd');
    const groups = JSON.parse(answer.text) as { targets: string[]; labels: Record<string, string> }[];
    expect(groups.map(({ targets, labels }) => [targets[0], labels['__meta_turnkeeper_registered']])).toEqual([
      ['10.0.0.5:9642', 'true'],
      ['10.0.0.6:9642', 'false'],
    ]);
  });

  test('leaves out addresses that are no target', async () => {
    const answer = await askOf(fleetOf(['turn1'], { restAddr: 'http://10.0.0.5:9642/x' }), '/v1/relays/http-sd');
    expect(JSON.parse(answer.text)).toEqual([]);
  });

  test('gives no empty list before the fleet is known: Prometheus would drop what it has', async () => {
    const { server, session } = fleetOf([]);
    const answer = await askOf(
      { server, session, view: { relays: () => [], left: () => [], asOf: undefined } },
      '/v1/relays/http-sd',
    );
    expect(answer.status).toBe(503);
  });

  test('is taken by promtool', async () => {
    const url = (await startServer({ fleet: fleetOf(['turn1', 'turn2']) })).url();
    const folder = temporaryDirectory();
    try {
      const file = join(folder.path, 'prometheus.yml');
      const discovery = [{ url: `${url}/v1/relays/http-sd` }];
      writeFileSync(file, JSON.stringify({ scrape_configs: [{ job_name: 'fleet', http_sd_configs: discovery }] }));
      const found = await promtool(['check', 'service-discovery', '--timeout', '3s', file, 'fleet']);
      expect(found.match(/"__meta_turnkeeper_server": "turn[12]"/g)).toHaveLength(2);
      expect(found).toContain('"__address__": "10.0.0.5:9642"');
    } finally {
      folder.remove();
    }
  });
});

async function promtool(args: readonly string[]): Promise<string> {
  return (await promisify(execFile)('promtool', args)).stdout;
}
