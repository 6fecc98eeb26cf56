import type { LiveSession } from '../../../src/usage/live-sessions';

const startedAt = Date.parse('2026-03-28T01:00:00Z');

/** A session under way with one allocation. */
export function liveSession(id: string, changes: Partial<LiveSession> = {}): LiveSession {
  return {
    id,
    server: 'turn1',
    realm: 'example.org',
    userId: 'alice',
    username: '1795238008:alice',
    startedAt,
    durationSeconds: 10.5,
    relayed: true,
    clientReceivedBytes: 1,
    clientReceivedPackets: 2,
    clientSentBytes: 3,
    clientSentPackets: 4,
    peerReceivedBytes: 5,
    peerReceivedPackets: 6,
    peerSentBytes: 7,
    peerSentPackets: 8,
    transports: ['udp'],
    allocations: [
      {
        id: '012345678901234567',
        transport: 'udp',
        client: '192.0.2.1:5555',
        startedAt,
        expiresInSeconds: 590.5,
        clientReceivedBytes: 1,
        clientSentBytes: 3,
        peerReceivedBytes: 5,
        peerSentBytes: 7,
      },
    ],
    ...changes,
  };
}
