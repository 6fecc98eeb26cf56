/** The STUN message format, RFC 8489 section 5 and 14: header, attributes, and the few attributes that a Binding needs. */

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
export const TRANSACTION_ID_BYTES = 12;
const BINDING_METHOD = 0x001;

const XOR_MAPPED_ADDRESS = 0x0020;
const SOFTWARE = 0x8022;
const IPV4_FAMILY = 0x01;
const IPV6_FAMILY = 0x02;

const CLASSES = ['request', 'indication', 'success', 'error'] as const;
type StunClass = (typeof CLASSES)[number];

export interface StunAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export interface StunMessage {
  readonly class: StunClass;
  /** 0 to 0xfff. */
  readonly method: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  readonly attributes: readonly StunAttribute[];
}

export function bindingRequest(transactionId: Uint8Array): StunMessage {
  return { class: 'request', method: BINDING_METHOD, transactionId, attributes: [] };
}

export function encodeStunMessage(message: StunMessage): Buffer {
  const body = Buffer.concat(message.attributes.map(encodeAttribute));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(encodeType(message), 0);
  header.writeUInt16BE(body.length, 2);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  header.set(message.transactionId, 8);
  return Buffer.concat([header, body]);
}

/** Undefined for anything that is not exactly one well-formed RFC 8489 message. */
export function decodeStunMessage(bytes: Buffer): StunMessage | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(4) !== MAGIC_COOKIE) return undefined;
  const type = bytes.readUInt16BE(0);
  const bodyLength = bytes.readUInt16BE(2);
  if (type > 0x3fff || bodyLength % 4 !== 0 || bytes.length !== HEADER_BYTES + bodyLength) return undefined;
  const attributes = decodeAttributes(bytes.subarray(HEADER_BYTES));
  if (!attributes) return undefined;
  return { ...decodeType(type), transactionId: bytes.subarray(8, HEADER_BYTES), attributes };
}

/** The text of the SOFTWARE attribute: which server answered, if it says so. */
export function softwareOf(message: StunMessage): string | undefined {
  const attribute = message.attributes.find(({ type }) => type === SOFTWARE);
  return attribute && Buffer.from(attribute.value).toString('utf8');
}

export interface TransportAddress {
  /** IPv4 in dots, IPv6 as eight full groups. */
  readonly host: string;
  readonly port: number;
}

/** The client's address as the server sees it (XOR-MAPPED-ADDRESS, section 14.2), of a Binding success response. */
export function mappedAddressOf(message: StunMessage): TransportAddress | undefined {
  const value = message.attributes.find(({ type }) => type === XOR_MAPPED_ADDRESS)?.value;
  if (value?.[1] === IPV4_FAMILY && value.length === 8) return decodeAddress(value, message.transactionId);
  if (value?.[1] === IPV6_FAMILY && value.length === 20) return decodeAddress(value, message.transactionId);
  return undefined;
}

function decodeAddress(value: Uint8Array, transactionId: Uint8Array): TransportAddress {
  const mask = Buffer.alloc(4 + TRANSACTION_ID_BYTES);
  mask.writeUInt32BE(MAGIC_COOKIE);
  mask.set(transactionId, 4);
  const address = Buffer.from(value.subarray(4).map((byte, i) => byte ^ (mask[i] ?? 0)));
  const port = Buffer.from(value).readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16);
  return { host: address.length === 4 ? address.join('.') : ipv6Text(address), port };
}

function ipv6Text(address: Buffer): string {
  return Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16)).join(':');
}

/** The two class bits lie within the method's twelve: M11-M7 C1 M6-M4 C0 M3-M0 (figure 3). */
function encodeType({ class: name, method }: StunMessage): number {
  const bits = CLASSES.indexOf(name);
  return (
    ((method & 0xf80) << 2) | ((method & 0x070) << 1) | (method & 0x00f) | ((bits & 0b10) << 7) | ((bits & 0b01) << 4)
  );
}

function decodeType(type: number): Pick<StunMessage, 'class' | 'method'> {
  const bits = ((type >> 7) & 0b10) | ((type >> 4) & 0b01);
  const method = ((type >> 2) & 0xf80) | ((type >> 1) & 0x070) | (type & 0x00f);
  return { class: CLASSES[bits] ?? 'request', method };
}

function encodeAttribute({ type, value }: StunAttribute): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  bytes.set(value, 4);
  return bytes;
}

function decodeAttributes(body: Buffer): StunAttribute[] | undefined {
  const attributes: StunAttribute[] = [];
  for (let at = 0; at < body.length;) {
    const length = body.readUInt16BE(at + 2);
    const end = at + 4 + length;
    if (end > body.length) return undefined;
    attributes.push({ type: body.readUInt16BE(at), value: body.subarray(at + 4, end) });
    at += 4 + padded(length);
  }
  return attributes;
}

/** Attributes are padded to 32 bits; the length field does not count the padding (section 14). */
function padded(length: number): number {
  return (length + 3) & ~3;
}
