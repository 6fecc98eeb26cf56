import { mappedAddressOf, type StunAttribute, type StunMessage, type TransportAddress } from '../../turn/stun-message';

/** The requests and attributes that a test needs (RFC 8656 sections 17 and 18, RFC 8489 section 18). */
const ALLOCATE = 0x003;
const REFRESH = 0x004;
const XOR_MAPPED_ADDRESS = 0x0020;
const XOR_RELAYED_ADDRESS = 0x0016;
const REQUESTED_TRANSPORT = 0x0019;
const LIFETIME = 0x000d;
const ERROR_CODE = 0x0009;
/** RFC 8656 section 18.8: UDP's protocol number, and three reserved bytes. */
const UDP = Buffer.from([17, 0, 0, 0]);
const MAX_REASON_CHARACTERS = 100;

/** `error` is what ERROR-CODE says; its reason is hostile text. */
export interface StunError {
  /** 300 to 699. */
  readonly code: number;
  readonly reason: string;
}

export function allocateRequest(transactionId: Uint8Array): StunMessage {
  return request(ALLOCATE, transactionId, { type: REQUESTED_TRANSPORT, value: UDP });
}

/** Gives an allocation back: a Refresh with lifetime 0 (RFC 8656 section 8). */
export function releaseRequest(transactionId: Uint8Array): StunMessage {
  return request(REFRESH, transactionId, { type: LIFETIME, value: Buffer.alloc(4) });
}

/** undefined where the message does not hold a whole one. */
export function errorOf(message: StunMessage): StunError | undefined {
  const value = valueOf(message, ERROR_CODE);
  if (!value || value.length < 4) return undefined;
  const [, , hundreds = 0, rest = 0] = value; // RFC 8489 section 14.8: 21 reserved bits before the class
  // coturn 4.6.1 counts the padding to 32 bits as text.
  const text = Buffer.from(value.subarray(4))
    .toString('utf8')
    .replace(/\0{1,3}$/, '');
  const reason = text.slice(0, MAX_REASON_CHARACTERS);
  return { code: (hundreds & 0b111) * 100 + rest, reason };
}

/** XOR-RELAYED-ADDRESS, which is written as XOR-MAPPED-ADDRESS is (RFC 8656 section 18.5). */
export function relayedAddressOf(message: StunMessage): TransportAddress | undefined {
  const value = valueOf(message, XOR_RELAYED_ADDRESS);
  return value && mappedAddressOf({ ...message, attributes: [{ type: XOR_MAPPED_ADDRESS, value }] });
}

/** Seconds. */
export function lifetimeOf(message: StunMessage): number | undefined {
  const value = valueOf(message, LIFETIME);
  return value?.length === 4 ? Buffer.from(value).readUInt32BE() : undefined;
}

/** The first attribute of the type: later ones don't count (RFC 8489 section 14). */
export function valueOf({ attributes }: StunMessage, type: number): Uint8Array | undefined {
  return attributes.find((attribute) => attribute.type === type)?.value;
}

function request(method: number, transactionId: Uint8Array, attribute: StunAttribute): StunMessage {
  return { class: 'request', method, transactionId, attributes: [attribute] };
}
