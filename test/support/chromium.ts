import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const FIXTURES = join(__dirname, '../fixtures/browser');
/** Debian's. */
const EXECUTABLE = '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox', // of tests that run as root
  '--allow-loopback-in-peer-connection', // the relay is on 127.0.0.1
  // Without a network each of these looks for one.
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'],
];

/** A page with these scripts of test/fixtures/browser, on a port of its own, in the distribution's Chromium. */
export class ChromiumPage {
  private constructor(
    private readonly server: Server,
    private readonly browser: Browser,
    private readonly page: Page,
  ) {}

  /** Not open yet: its origin may have to be configured first. */
  static async create(scripts: readonly string[]): Promise<ChromiumPage> {
    const server = createServer((request, response) => {
      const isHtml = !request.url?.endsWith('.js');
      response.setHeader('content-type', isHtml ? 'text/html' : 'text/javascript');
      if (isHtml) response.end(scripts.map((name) => `<script src="/${name}"></script>`).join(''));
      else response.end(scripts.includes(request.url?.slice(1) ?? '') ? read(request.url) : '');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
      return new ChromiumPage(server, browser, await browser.newPage());
    } catch (error) {
      server.close();
      throw error;
    }
  }

  /** `host`: 127.0.0.1, or another name of it, which is another origin. */
  origin(host = '127.0.0.1'): string {
    return `http://${host}:${(this.server.address() as AddressInfo).port}`;
  }

  async open(host?: string): Promise<void> {
    await this.page.goto(this.origin(host));
  }

  /** What this function of the page gives, or what its promise resolves with. */
  run(name: string, argument: object): Promise<unknown> {
    return this.page.evaluate(`${name}(${JSON.stringify(argument)})`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }
}

function read(url = ''): Buffer {
  return readFileSync(join(FIXTURES, url));
}
