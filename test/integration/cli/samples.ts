const TRAFFIC = {
  clientReceivedBytes: 1_234_567,
  clientReceivedPackets: 999,
  clientSentBytes: 98_765_432,
  clientSentPackets: 5,
  peerReceivedBytes: 98_000_000,
  peerReceivedPackets: 4,
  peerSentBytes: 1_200_000,
  peerSentPackets: 3,
};

const SESSION = {
  id: 'turn1-3-1',
  server: 'turn1',
  realm: 'example.org',
  userId: 'alice',
  username: '1795238008:alice',
  startedAt: '2026-11-21T08:00:00.000Z',
  durationSeconds: 3725.5,
  relayed: true,
  ...TRAFFIC,
  transports: ['udp', 'tls'],
};

const ALLOCATION = {
  id: '012345678901234567',
  transport: 'udp',
  client: '192.0.2.1:5555',
  startedAt: '2026-11-21T08:00:00.000Z',
  expiresInSeconds: 500,
  clientReceivedBytes: 1,
  clientSentBytes: 2,
  peerReceivedBytes: 3,
  peerSentBytes: 4,
};

type Changes = Readonly<Record<string, unknown>>;

export function liveSession(changes: Changes = {}): object {
  return { ...SESSION, allocations: [ALLOCATION], ...changes };
}

export function usageRecord(changes: Changes = {}): object {
  const ending = { endedAt: '2026-11-21T23:30:00.000Z', endReason: 'client', settled: 'exact' };
  return { ...SESSION, allocations: 2, ...ending, ...changes };
}

export function usageSum(changes: Changes = {}): object {
  return {
    user: 'alice',
    sessions: 1000,
    relayedSessions: 900,
    allocations: 1500,
    durationSeconds: 60,
    ...TRAFFIC,
    ...changes,
  };
}
