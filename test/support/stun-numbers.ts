/** Methods and attributes of RFC 8489 and 8656 that the tests' clients use. */
export const ALLOCATE = 0x003;
export const REFRESH = 0x004;
export const SEND = 0x006;
export const DATA_INDICATION = 0x007;
export const CREATE_PERMISSION = 0x008;
export const CHANNEL_BIND = 0x009;
export const USERNAME = 0x0006;
export const MESSAGE_INTEGRITY = 0x0008;
export const CHANNEL_NUMBER = 0x000c;
export const LIFETIME = 0x000d;
export const XOR_PEER_ADDRESS = 0x0012;
export const DATA = 0x0013;
export const REALM = 0x0014;
export const NONCE = 0x0015;
export const REQUESTED_TRANSPORT = 0x0019;
/** draft-ietf-tram-stun-origin, which coturn knows. */
export const ORIGIN = 0x802f;
/** The value of REQUESTED-TRANSPORT for UDP: its protocol number, and three reserved bytes. */
export const UDP = Buffer.from([17, 0, 0, 0]);
