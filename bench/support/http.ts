import { Agent, get } from 'node:http';

/** One connection, kept, as Prometheus does. */
const connection = new Agent({ keepAlive: true, maxSockets: 1 });

/** The body of a page. Throws where it can't be had. */
export function fetchText(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: connection }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${path} was answered with ${response.statusCode ?? 0}`));
      });
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
