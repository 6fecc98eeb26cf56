import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { ask, closeAll, httpServer, rawConnection, startServer } from './harness';

afterEach(closeAll);

const GET = 'GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('a client that does not speak HTTP', () => {
  test.each([
    ['garbage', '\u0016\u0003\u0001\u0002\u0000 not http\r\n\r\n', 400],
    ['a bad method', 'BREW / HTTP/1.1\r\n\r\n', 400],
    ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      400,
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a header flood', `GET / HTTP/1.1\r\nHost: localhost\r\n${'X-Flood: aaaaaaaaaa\r\n'.repeat(4000)}\r\n`, 431],
    ['an endless line', `GET /${'a'.repeat(64 * 1024)}`, 431],
  ])('(%s) gets a JSON error, and is cut off', async (_what, bytes, status) => {
    const { socket, received } = rawConnection(await startServer());
    socket.write(bytes, 'latin1');
    const answer = await received;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toHaveProperty('error.code');
  });

  test('disturbs nobody else', async () => {
    const server = await startServer();
    for (let i = 0; i < 20; i++) rawConnection(server).socket.write(Buffer.alloc(5000, i * 7));
    expect((await ask(`${server.url()}/-/healthy`)).status).toBe(200);
  });
});

describe('a slow client', () => {
  test('that sends its headers drop by drop gets 408', async () => {
    const server = await startServer({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400, checkEveryMs: 50 } });
    const { socket, received } = rawConnection(server);
    const drops = setInterval(() => socket.write('X-Drop: 1\r\n'), 30);
    socket.write('GET / HTTP/1.1\r\n');
    const answer = await received.finally(() => {
      clearInterval(drops);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"timeout"/s);
  });

  test('that sends its body drop by drop gets 408', async () => {
    const server = await startServer({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 300, checkEveryMs: 50 } });
    const { socket, received } = rawConnection(server);
    socket.write(
      'POST /v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n',
    );
    const drops = setInterval(() => socket.write(' '), 30);
    const answer = await received.finally(() => {
      clearInterval(drops);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('that never ends its chunks is cut off after the limit, not fed for ever', async () => {
    const server = await startServer({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 500, checkEveryMs: 50 } });
    const { socket, received } = rawConnection(server);
    socket.write(
      'POST /v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const chunks = setInterval(() => socket.write(`1000\r\n${' '.repeat(4096)}\r\n`), 5);
    const answer = await received.finally(() => {
      clearInterval(chunks);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 (408|413) /);
  });

  test('that does not read its answer is cut off', async () => {
    const body = 'x'.repeat(32 * 1024 * 1024);
    const scraper = { scrape: () => Promise.resolve({ body, contentType: 'text/plain' }) };
    const server = await startServer({ scraper, limits: { stallTimeoutMs: 300 } });
    const { socket, received } = rawConnection(server);
    socket.pause();
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const cutOff = Date.now();
    await waitUntil(async () => (await openConnections(server.address().port)) === 0);
    expect(Date.now() - cutOff).toBeLessThan(5000);
    socket.resume();
    expect((await received).length).toBeLessThan(body.length);
  });

  test('that is one too many is turned away, and a place is free once another leaves', async () => {
    const server = await startServer({ limits: { connections: 2 } });
    const idle = [rawConnection(server), rawConnection(server)];
    await Promise.all(idle.map(({ socket }) => once(socket, 'connect')));
    const { received } = rawConnection(server);
    expect(await received).toBe('');
    idle[0]?.socket.destroy();
    await waitUntil(() =>
      ask(`${server.url()}/-/healthy`).then(
        () => true,
        () => false,
      ),
    );
  });
});

describe('the address', () => {
  test('in use by another program is a sentence that says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const starting = httpServer({ listen: { host: '127.0.0.1', port } }).start();
    await expect(starting).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
    other.close();
  });

  test.each(['192.0.2.1', 'no-such-host.invalid'])(
    '%s, which this machine does not have, is a sentence too',
    async (host) => {
      const starting = httpServer({ listen: { host, port: 0 } }).start();
      await expect(starting).rejects.toMatchObject({ name: 'UserError', code: 'bad_config' });
    },
  );

  test('of everybody (::) is reachable over IPv4', async () => {
    const server = await startServer({ listen: { host: '::', port: 0 } });
    expect((await ask(`http://127.0.0.1:${server.address().port}/-/healthy`)).status).toBe(200);
  });
});

describe('a stop', () => {
  test('lets a request under way end, and closes idle connections', async () => {
    let finish = (): void => undefined;
    const begun = new Promise<void>((seen) => {
      scraper.scrape = () => {
        seen();
        return new Promise(
          (resolve) =>
            (finish = () => {
              resolve({ body: 'late\n', contentType: 'text/plain' });
            }),
        );
      };
    });
    const server = await startServer({ scraper });
    const idle = rawConnection(server);
    idle.socket.write(GET);
    await once(idle.socket, 'data');
    const silent = rawConnection(server);
    await once(silent.socket, 'connect');
    const answer = ask(`${server.url()}/metrics`);
    await begun;
    const stopped = server.stop();
    finish();
    expect((await answer).text).toBe('late\n');
    await stopped;
    await idle.received;
    await silent.received;
  });

  test('does not wait for a request that never ends', async () => {
    let seen = (): void => undefined;
    const begun = new Promise<void>((resolve) => (seen = resolve));
    const server = await startServer({
      scraper: { scrape: () => (seen(), new Promise(() => undefined)) },
      limits: { stopDeadlineMs: 100 },
    });
    const answer = ask(`${server.url()}/metrics`);
    await begun;
    await server.stop();
    await expect(answer).rejects.toThrow();
  });

  test('before a start, and a second one, are no errors', async () => {
    await httpServer().stop();
    const server = await startServer();
    await server.stop();
    await server.stop();
  });
});

const scraper = { scrape: (): Promise<{ body: string; contentType: string }> => Promise.reject(new Error('not set')) };

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Established connections to a local port that the server's side holds, from the kernel. */
async function openConnections(port: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.filter(([, address, , state]) => address === local && state === '01').length;
}
