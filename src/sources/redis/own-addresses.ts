import { networkInterfaces } from 'node:os';

/** The addresses of this machine's network cards. */
export function ownAddresses(): ReadonlySet<string> {
  const cards = Object.values(networkInterfaces());
  return new Set(cards.flatMap((list = []) => list.map(({ address }) => address)));
}
