import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const COUNT_NAMES = ['receivedPackets', 'receivedBytes', 'sentPackets', 'sentBytes'] as const;
/** What a leg carried, as the relay sees it. */
export type LegCounts = Record<(typeof COUNT_NAMES)[number], number>;

/** What coturn's log says of a user, over all lives of coturn. */
export interface LogAccount {
  /** How many allocations began, and how many ended. */
  begun: number;
  ended: number;
  readonly client: LegCounts;
  readonly peer: LegCounts;
}

const LINE =
  /session \d{18}: (?:(new,|delete:)|(peer )?usage:) realm=<[^<>]*>, username=<(\S*)>(?:, rp=(\d+), rb=(\d+), sp=(\d+), sb=(\d+)$)?/gm;

/** Sums by user name. An account apart from the agent's: nobody forges lines here, and the ids of lives do not matter. */
export function readCoturnLog(text: string): Map<string, LogAccount> {
  const accounts = new Map<string, LogAccount>();
  for (const [, event, peer, username = '', ...numbers] of text.matchAll(LINE)) {
    const account = accounts.get(username) ?? noAccount();
    accounts.set(username, account);
    if (event === 'new,') account.begun++;
    else if (event === 'delete:') account.ended++;
    else addTo(peer === undefined ? account.client : account.peer, numbers.map(Number));
  }
  // Clients that never said who they are.
  accounts.delete('');
  return accounts;
}

/** coturn's whole log in this folder: the files that were rotated too, oldest first. */
export function coturnLogText(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^turnserver\.log(\.\d+)?$/.test(name));
  const age = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0);
  const oldestFirst = names.sort((a, b) => age(b) - age(a));
  return oldestFirst.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
}

function noCounts(): LegCounts {
  return { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
}

function noAccount(): LogAccount {
  return { begun: 0, ended: 0, client: noCounts(), peer: noCounts() };
}

function addTo(leg: LegCounts, numbers: readonly number[]): void {
  for (const [i, name] of COUNT_NAMES.entries()) leg[name] += numbers[i] ?? 0;
}
