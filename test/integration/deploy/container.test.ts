import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { validate, type ValidatorSettings } from 'dockerfile-utils';
import { parse } from 'yaml';
import { freePorts } from '../../support/free-ports';

const ROOT = join(__dirname, '../../..');
const run = promisify(execFile);

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('the Dockerfile', () => {
  const text = read('Dockerfile');

  test('is one', () => {
    const settings: ValidatorSettings = {};
    expect(validate(text, settings).map(({ message, range }) => [range.start.line + 1, message])).toEqual([]);
  });

  test('copies what is there, and what .dockerignore lets through', () => {
    const let_through = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) => files.split(' '));
    expect(copied.length).toBeGreaterThan(4);
    for (const file of copied.map((one) => one.replace('./', ''))) {
      expect([file, existsSync(join(ROOT, file)), let_through.includes(file)]).toEqual([file, true, true]);
    }
  });

  test('ends as somebody who is not root', () => {
    expect(/^USER (\S+)$/gm.exec(text)?.[1]).toBe('turnkeeper');
    expect(text.indexOf('USER turnkeeper')).toBeGreaterThan(text.lastIndexOf('RUN '));
  });
});

describe('the image’s health check', () => {
  async function status(listen: string): Promise<number> {
    const env = { ...process.env, TURNKEEPER_WEB_LISTEN_ADDRESS: listen };
    const file = join(ROOT, 'deploy/container/health-check.js');
    return run(process.execPath, [file], { env }).then(
      () => 0,
      (error: unknown) => (error as { code: number }).code,
    );
  }

  async function answering(handler: RequestListener): Promise<{ port: number; close: () => void }> {
    const server = createServer(handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, close: () => server.close() };
  }

  test.each([
    [200, 0],
    [401, 0],
    [500, 1],
  ])('an agent that answers %i: it says %i', async (answer, expected) => {
    const { port, close } = await answering((request, response) => {
      response.writeHead(request.url === '/-/healthy' ? answer : 404).end();
    });
    expect(await status(`0.0.0.0:${port}`)).toBe(expected);
    close();
  });

  test('an agent that is not there is not healthy', async () => {
    const [port = 0] = await freePorts(1);
    expect(await status(`127.0.0.1:${port}`)).toBe(1);
  });
});

interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly volumes: readonly string[];
  readonly read_only?: boolean;
}

test('compose mounts what is there, and volumes that it declares', () => {
  const folder = join(ROOT, 'deploy/compose');
  const file = parse(read('deploy/compose/compose.yaml')) as {
    services: Record<string, ComposeService>;
    volumes: Record<string, object>;
  };
  expect(Object.keys(file.services)).toEqual(['turnkeeper', 'prometheus', 'alertmanager', 'grafana']);
  for (const { volumes } of Object.values(file.services)) {
    for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
      const isThere = source.startsWith('.') ? existsSync(join(folder, source)) : source in file.volumes;
      expect([source, isThere]).toEqual([source, true]);
    }
  }
  expect(existsSync(join(folder, file.services['turnkeeper']?.build ?? '', 'Dockerfile'))).toBe(true);
  expect(file.services['turnkeeper']?.read_only).toBe(true);
});

test('compose gives Alertmanager the templates that its configuration names: without them it sends no mail', () => {
  const { services } = parse(read('deploy/compose/compose.yaml')) as { services: Record<string, ComposeService> };
  const { templates } = parse(read('alerts/alertmanager.yml')) as { templates: string[] };
  expect(templates.length).toBeGreaterThan(0);
  const mounts = templates.map((file) => `../../alerts/${file}:/etc/alertmanager/${file}:ro`);
  expect(services['alertmanager']?.volumes).toEqual(expect.arrayContaining(mounts));
});

test('promtool takes the Prometheus configuration', async () => {
  const { stdout } = await run('promtool', [
    'check',
    'config',
    '--syntax-only',
    join(ROOT, 'deploy/compose/prometheus.yml'),
  ]);
  expect(stdout).toContain('is valid prometheus config file syntax');
});
