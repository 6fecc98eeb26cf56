import { Agent, get, request, type IncomingMessage } from 'node:http';

/** One connection, kept, as Prometheus does. */
const connection = new Agent({ keepAlive: true, maxSockets: 1 });

/** The body of a page. Throws where it can't be had. */
export async function fetchText(port: number, path: string): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of await fetchStream(port, path)) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

/** How many lines a page has; it is not kept. Throws where it can't be had whole. */
export async function countLines(port: number, path: string): Promise<number> {
  let lines = 0;
  for await (const piece of await fetchStream(port, path)) {
    const bytes = piece as Buffer;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  }
  return lines;
}

const NEWLINE = '\n'.charCodeAt(0);

function fetchStream(port: number, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path, agent: connection }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${path} was answered with ${response.statusCode ?? 0}`));
    });
    asked.on('error', reject);
  });
}

export interface PostsFor {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (n: number) => string;
  /** Each asks again as soon as it is answered. */
  readonly connections: number;
  readonly forMs: number;
}

export interface Posted {
  readonly answered: number;
  /** Of each request, milliseconds. */
  readonly latencies: readonly number[];
}

/** Throws where a request is not answered with 201. */
export async function postFor({ connections, forMs, ...what }: PostsFor): Promise<Posted> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  const end = performance.now() + forMs;
  let n = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      await post(agent, what, what.body(n++));
      latencies.push(performance.now() - began);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, client));
  } finally {
    agent.destroy();
  }
  return { answered: latencies.length, latencies };
}

function post(
  agent: Agent,
  { port, path, headers }: Pick<PostsFor, 'port' | 'path' | 'headers'>,
  body: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const options = { host: '127.0.0.1', port, path, method: 'POST', agent, headers: { ...headers, ...length } };
    const asked = request(options, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 201) resolve();
        else reject(new Error(`${path} was answered with ${response.statusCode ?? 0}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
