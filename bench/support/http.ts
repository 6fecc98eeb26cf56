import { Agent, get, type IncomingMessage } from 'node:http';

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
    const request = get({ host: '127.0.0.1', port, path, agent: connection }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${path} was answered with ${response.statusCode ?? 0}`));
    });
    request.on('error', reject);
  });
}
