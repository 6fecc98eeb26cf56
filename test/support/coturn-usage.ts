/** What coturn's log says that its allocations carried: an account of its own, apart from the stats connection. */
export interface LoggedUsage {
  client: { receivedPackets: number; receivedBytes: number; sentPackets: number; sentBytes: number };
  peer: { receivedPackets: number; receivedBytes: number; sentPackets: number; sentBytes: number };
}

const LINE = /(peer )?usage: realm=<[^>]*>, username=<([^>]*)>, rp=(\d+), rb=(\d+), sp=(\d+), sb=(\d+)/g;

/** The sum over the sessions of user names that end with `:<user>`, in a log that nobody forged. */
export function loggedUsage(log: string, user: string): LoggedUsage {
  const zero = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
  const sum: LoggedUsage = { client: { ...zero }, peer: { ...zero } };
  for (const [, peer, username, ...counts] of log.matchAll(LINE)) {
    if (username?.endsWith(`:${user}`) !== true) continue;
    const leg = peer === undefined ? sum.client : sum.peer;
    const [receivedPackets = 0, receivedBytes = 0, sentPackets = 0, sentBytes = 0] = counts.map(Number);
    leg.receivedPackets += receivedPackets;
    leg.receivedBytes += receivedBytes;
    leg.sentPackets += sentPackets;
    leg.sentBytes += sentBytes;
  }
  return sum;
}
