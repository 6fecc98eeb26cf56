import { isIPv4 } from 'node:net';
import type { RequestHandler } from 'express';
import { UserError } from '../lib/errors';

/** An IP address of this machine that no other can reach (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback(address: string): boolean {
  const ip = address.replace(/^::ffff:/i, '');
  return ip === '::1' || (isIPv4(ip) && ip.startsWith('127.'));
}

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
  if (!isLoopbackHost(host)) return 'the Host header is not a loopback name such as localhost or 127.0.0.1';
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

function isLoopbackHost(host: string | undefined): host is string {
  const name = /^(localhost|[\d.]+|\[[0-9a-f:.]+\])(?::\d+)?$/i.exec(host ?? '')?.[1];
  return name !== undefined && (name.toLowerCase() === 'localhost' || isLoopback(name.replace(/^\[|\]$/g, '')));
}

/** Lets only programs on this machine pass; `boundAddress` is what the server listens on, `onRefused` counts the others. */
export function onlyLocal(boundAddress: () => string, onRefused: () => void): RequestHandler {
  return (request, _response, next) => {
    const { remoteAddress = '' } = request.socket;
    const why = notLocal({ boundAddress: boundAddress(), remoteAddress, headers: request.headers });
    if (why === undefined) {
      next();
      return;
    }
    onRefused();
    throw new UserError('forbidden', `Credentials are given to programs on this machine only, and ${why}.`);
  };
}
