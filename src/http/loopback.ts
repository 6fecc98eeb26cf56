import { isLoopback, isLoopbackHost } from '../lib/loopback';

export interface Provenance {
  /** What the server listens on. */
  readonly boundAddress: string;
  readonly remoteAddress: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Why a request may not be trusted to come from a program on this machine; undefined when it may. A page in a local
 * browser does not count: neither one of another site nor one whose name was rebound to 127.0.0.1.
 */
export function notLocal({ boundAddress, remoteAddress, headers }: Provenance): string | undefined {
  if (!isLoopback(boundAddress)) return 'this agent listens beyond loopback';
  if (!isLoopback(remoteAddress)) return 'this request came from another machine';
  if (PROXY_HEADERS.some((name) => headers[name] !== undefined)) return 'this request came through a proxy';
  const host = textOf(headers['host']);
  if (!hasLoopbackName(host)) return 'the Host header is not a loopback name such as localhost or 127.0.0.1';
  const site = textOf(headers['sec-fetch-site']) ?? 'none';
  const origin = textOf(headers['origin']);
  const foreign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
  if (foreign || (site !== 'same-origin' && site !== 'none')) return 'this request was made by a page of another site';
  return undefined;
}

const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'via'];

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}

/** A Host header's name, without its port, where that is one of this machine alone. */
function hasLoopbackName(host: string | undefined): host is string {
  const name = /^(localhost|[\d.]+|\[[0-9a-f:.]+\])(?::\d+)?$/i.exec(host ?? '')?.[1];
  return name !== undefined && isLoopbackHost(name.replace(/^\[|\]$/g, ''));
}
