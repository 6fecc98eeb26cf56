import { parseTurnUri, type TurnTarget } from '../../turn/turn-uri';

/** A host (a name or an IP address, without brackets) and a UDP port. */
export type StunTarget = Pick<TurnTarget, 'host' | 'port'>;

/** Where a relay answers STUN: its first plain UDP URI. undefined where it has none; the others are passed over. */
export function stunTarget(uris: readonly string[]): StunTarget | undefined {
  for (const uri of uris) {
    const parsed = parseTurnUri(uri);
    if (parsed.kind === 'target' && parsed.target.transport === 'udp') return parsed.target;
  }
  return undefined;
}
