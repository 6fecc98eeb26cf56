import type { Config } from '../config/schema';
import { credentialCall } from '../http/credential-call';
import { isLoopbackHost } from '../lib/loopback';

/** What a person who has just typed the command wants to see. `url`: where the agent listens. */
export function greeting(url: string, { web, coturn, sources }: Config): string {
  return [
    `metrics     ${url}/metrics\n`,
    `TURN        ${coturn.supervise ? relayOf(coturn) : outsider(sources)}\n`,
    `credential  ${credentialCall(url, !isLoopbackHost(web.listenAddress.host))}\n`,
  ].join('');
}

function relayOf({ listeningIp, listeningPort, realm }: Config['coturn']): string {
  return `${listeningIp.join(', ')} port ${listeningPort}, realm ${realm}`;
}

function outsider({ redis }: Config['sources']): string {
  return `run by somebody else; ${redis ? 'what it writes to Redis is read' : 'point its redis-statsdb here'}`;
}
