import type { Transport } from '../../turn/turn-uri';

/** Where a carrier goes: an address that was looked up, and the name that a certificate has to be for. */
export interface Endpoint {
  readonly transport: Transport;
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** A host name, or the address again. */
  readonly host: string;
  /** Whether a certificate has to be for `host`, and of an authority that is known. */
  readonly verifies: boolean;
}

/** Carries STUN messages to a server and back. */
export interface Carrier {
  /** Whether what is sent arrives, so that it need not be sent again. */
  readonly isReliable: boolean;
  send(message: Buffer): void;
  close(): void;
}

export interface CarrierListener {
  /** A datagram, or what was cut out of a stream. Hostile. */
  readonly onMessage: (bytes: Buffer) => void;
  /** Nothing comes any more. May be told more than once. */
  readonly onEnd: (error: unknown) => void;
}
