import { makeAuthority, makeCertificate, temporaryFolder } from '../http/certificates';
import { apiServer, closeServers, sendJson } from './api-server';
import { turnkeeper } from './turnkeeper';

const folder = temporaryFolder();
const KEY = 'a-key-that-nobody-may-see';

afterEach(closeServers);
afterAll(() => {
  folder.remove();
});

const empty = () =>
  apiServer((_request, response) => {
    sendJson(response, { sessions: [] });
  });

describe('the API key', () => {
  it('comes from the environment, or from a file, which goes before', async () => {
    const { url, authorizations } = await empty();
    const environment = { TURNKEEPER_KEY: KEY };
    const file = folder.write('key', 'from-a-file\n');
    await turnkeeper(['sessions', '--url', url], { environment });
    await turnkeeper(['sessions', '--url', url, '--key-file', file], { environment });
    await turnkeeper(['sessions', '--url', url]);
    expect(authorizations).toEqual([`Bearer ${KEY}`, 'Bearer from-a-file', undefined]);
  });

  it.each([[['--key', KEY]], [[`--key=${KEY}`]], [['--url', `http://user:${KEY}@127.0.0.1:1`]]])(
    'is refused on the command line, and not repeated: %#',
    async (args) => {
      const { status, stdout, stderr } = await turnkeeper(['sessions', ...args]);
      expect(status).toBe(2);
      expect(stderr).toContain('shows in the list of processes');
      expect(stdout + stderr).not.toContain(KEY);
    },
  );

  it.each([[`${KEY}\r\nX: y`], [`${KEY} ${KEY}`], [`${KEY}é`], [KEY.repeat(100)]])(
    'that could not stand in a header is not shown: %#',
    async (key) => {
      const { url, asked } = await empty();
      const { status, stderr } = await turnkeeper(['usage', '--url', url], { environment: { TURNKEEPER_KEY: key } });
      expect({ status, asked }).toEqual({ status: 2, asked: [] });
      expect(stderr).toContain('TURNKEEPER_KEY does not hold an API key');
      expect(stderr).not.toContain(KEY);
    },
  );

  it('is not sent on where the answer leads elsewhere', async () => {
    const other = await empty();
    const { url } = await apiServer((_request, response) => {
      response.writeHead(302, { Location: `${other.url}/v1/sessions` }).end();
    });
    const { status } = await turnkeeper(['sessions', '--url', url], { environment: { TURNKEEPER_KEY: KEY } });
    expect({ status, asked: other.asked }).toEqual({ status: 1, asked: [] });
  });

  it('is asked for where one is missing', async () => {
    const { url } = await apiServer((_request, response) => {
      sendJson(response, { error: { code: 'unauthorized', message: 'Give a key.' } }, 401);
    });
    const { status, stderr } = await turnkeeper(['sessions', '--url', url]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'turnkeeper: Give a key. (an API key comes from TURNKEEPER_KEY or --key-file)\n',
    });
  });
});

describe('where the agent is', () => {
  it('comes from its configuration', async () => {
    const { port, asked } = await empty();
    const file = folder.write('turnkeeper.yml', `web: { listenAddress: '127.0.0.1:${port}' }\n`);
    const environment = { TURNKEEPER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`, TURNKEEPER_KEY: KEY };
    expect(await turnkeeper(['sessions', '--config.file', file])).toMatchObject({ status: 0 });
    expect(await turnkeeper(['sessions'], { environment })).toMatchObject({ status: 0 });
    expect(asked).toHaveLength(2);
  });

  describe('with TLS in its web configuration', () => {
    const emptyWithTls = (name: string) => {
      const tls = { key: folder.read(`${name}.key`), cert: folder.read(`${name}.pem`) + folder.read('above.pem') };
      return apiServer((_request, response) => {
        sendJson(response, { sessions: [] });
      }, tls);
    };

    /** Of an agent whose certificate file is, as most are, its own with that of the authority above it. */
    function configurationOf(port: number): string {
      folder.write('chain.pem', folder.read('own.pem') + folder.read('above.pem'));
      const web = folder.write('web.yml', 'tls_server_config: { cert_file: chain.pem, key_file: own.key }\n');
      return folder.write('tls.yml', `web: { listenAddress: '127.0.0.1:${port}', configFile: '${web}' }\n`);
    }

    beforeAll(() => {
      makeAuthority(folder, 'above');
      for (const name of ['own', 'neighbour']) makeCertificate(folder, name, 'above', 'DNS:turn.example.org');
    });

    it('the agent is known by its certificate, whatever name stands in it', async () => {
      const { port, asked } = await emptyWithTls('own');
      expect(await turnkeeper(['sessions', '--config.file', configurationOf(port)])).toMatchObject({ status: 0 });
      expect(asked).toHaveLength(1);
    });

    it('who has another certificate of the same authority and name gets no key', async () => {
      const { port, asked } = await emptyWithTls('neighbour');
      const environment = { TURNKEEPER_KEY: KEY };
      const { status, stderr } = await turnkeeper(['sessions', '--config.file', configurationOf(port)], {
        environment,
      });
      expect({ status, asked }).toEqual({ status: 1, asked: [] });
      expect(stderr).toContain(`The certificate of https://127.0.0.1:${port}`);
    });
  });

  it.each([
    [['--url', 'banana'], '--url must be like http://'],
    [['--url', 'ftp://127.0.0.1/'], '--url must be like http://'],
    [['--config.file', '/nowhere.yml'], '/nowhere.yml does not exist'],
    [['--key-file', '/nowhere'], 'The key file /nowhere does not exist.'],
  ])('can be said wrongly: %j', async (args, sentence) => {
    const { status, stderr } = await turnkeeper(['usage', ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it('may lie behind a path of a proxy', async () => {
    const { url, asked } = await empty();
    await turnkeeper(['sessions', '--url', `${url}/turn/`]);
    expect(asked).toEqual(['GET /turn/v1/sessions?limit=100']);
  });
});

describe('what does not answer', () => {
  async function sentenceFor(url: string): Promise<string> {
    const { status, stdout, stderr } = await turnkeeper(['sessions', '--url', url]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^turnkeeper: .+\n$/);
    return stderr;
  }

  it('says what to do', async () => {
    const { url } = await empty();
    await closeServers();
    expect(await sentenceFor(url)).toBe(
      `turnkeeper: No agent answers at ${url}: start it (turnkeeper run), or say where it is with --url.\n`,
    );
    const plain = await empty();
    expect(await sentenceFor(plain.url.replace('http', 'https'))).toContain('give --url http://');
    const closing = await apiServer((request) => request.socket.destroy());
    expect(await sentenceFor(closing.url)).toContain('where it serves TLS, give --url https://');
  });

  it('says how to trust a certificate', async () => {
    makeAuthority(folder, 'ca');
    makeCertificate(folder, 'web', 'ca', 'IP:127.0.0.1');
    const tls = { key: folder.read('web.key'), cert: folder.read('web.pem') };
    const { url } = await apiServer((_request, response) => response.end(), tls);
    expect(await sentenceFor(url)).toContain('name its file in NODE_EXTRA_CA_CERTS');
    expect(await sentenceFor(url.replace('https', 'http'))).toContain('where it serves TLS, give --url https://');
  });

  it.each([
    ['<html>', 200],
    ['{"sessions":[{"id":1}]}', 200],
    ['Bad gateway', 502],
    ['{"error":"\u001b[2J"}', 500],
  ])('or is another program: %j with status %d', async (text, status) => {
    const { url } = await apiServer((_request, response) => response.writeHead(status).end(text));
    expect(await sentenceFor(url)).toMatch(/check --url/);
  });
});
