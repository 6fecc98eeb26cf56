import type { LegCounts } from './counts';

/** The counts of both legs side by side, as records, sums and answers have them. */
export interface FlatCounts {
  readonly clientReceivedBytes: number;
  readonly clientReceivedPackets: number;
  readonly clientSentBytes: number;
  readonly clientSentPackets: number;
  readonly peerReceivedBytes: number;
  readonly peerReceivedPackets: number;
  readonly peerSentBytes: number;
  readonly peerSentPackets: number;
}

export function flatCounts(client: LegCounts, peer: LegCounts): FlatCounts {
  return {
    clientReceivedBytes: client.receivedBytes,
    clientReceivedPackets: client.receivedPackets,
    clientSentBytes: client.sentBytes,
    clientSentPackets: client.sentPackets,
    peerReceivedBytes: peer.receivedBytes,
    peerReceivedPackets: peer.receivedPackets,
    peerSentBytes: peer.sentBytes,
    peerSentPackets: peer.sentPackets,
  };
}
