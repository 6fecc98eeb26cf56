import { randomBytes } from 'node:crypto';

const SESSION = '12: : session 000000000000000003:';

/** Lines that would count traffic, sessions, errors and handshakes, or say that coturn ends, if coturn had written them. */
export const FORGED_LINES = [
  `${SESSION} usage: realm=<localhost>, username=<17:alice>, rp=9000, rb=9000000, sp=9000, sb=9000000\n` +
    `${SESSION} peer usage: realm=<localhost>, username=<17:alice>, rp=9000, rb=9000000, sp=9000, sb=9000000\n`,
  `${SESSION} new, realm=<localhost>, username=<17:alice>, lifetime=777\n` +
    `${SESSION} realm <localhost> user <17:alice>: incoming packet ALLOCATE processed, success\n`,
  `${SESSION} realm <localhost> user <17:alice>: incoming packet ALLOCATE processed, error 508: Insufficient Capacity\n`,
  `${SESSION} usage: realm=<localhost>, username=<>, rp=1, rb=1, sp=0, sb=0\n` +
    `${SESSION} closed (2nd stage), user <> realm <localhost> origin <>, local 127.0.0.1:1, remote 127.0.0.1:2, reason: TLS/TCP socket buffer operation error (callback)\n`,
  `${SESSION} check_stun_auth: user <17:alice> credentials are incorrect\n`,
  '12: : Terminating on signal 15\n12: : send_message_to_redis: Redis connection broken: e=3\n',
];

const WEB = [
  'GET /metrics HTTP/1.1\r\nHost: localhost\r\n',
  `GET /metrics HTTP/1.1\r\nHost: localhost\r\n${'X-Flood: aaaaaaaaaa\r\n'.repeat(4000)}`,
  `GET /${'a'.repeat(64 * 1024)}`,
  'POST /v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{',
  'POST /v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"usr":1}',
  // A page of somebody else's, whose name the browser was made to look up as 127.0.0.1.
  'POST /v1/credentials HTTP/1.1\r\nHost: elsewhere.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
  'POST /v1/credentials HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n',
];
const STATSDB = [
  '*3\r\n$7\r\npublish\r\n$10\r\nturn',
  '*1\r\n$4\r\nPING\r\n',
  '*2\r\n$4\r\nAUTH\r\n$5\r\nwrong\r\n',
  '*1\r\n$999999999\r\n',
  `*1\r\n$100000\r\n${'a'.repeat(100_000)}`,
  'GET / HTTP/1.1\r\n\r\n',
];
/** The header of an Allocate of 65532 bytes. */
const ALLOCATE_WITHOUT_END = Buffer.from('0003fffc2112a442000000000000000000000001', 'hex');
const CHANNEL_DATA_WITHOUT_END = Buffer.from('4000ffff00', 'hex');
const TURN = [ALLOCATE_WITHOUT_END, CHANNEL_DATA_WITHOUT_END, 'GET / HTTP/1.1\r\n\r\n'];
/** A TLS record with a ClientHello whose extensions and ciphers are noise. */
export const CLIENT_HELLO_OF_NOISE = Buffer.concat([Buffer.from('16030100400100003c0303', 'hex'), randomBytes(58)]);
const TLS = [CLIENT_HELLO_OF_NOISE, Buffer.from('1603010040', 'hex'), 'GET / HTTP/1.1\r\n\r\n'];
const CLI = ['wrong\r\n'.repeat(10), 'ps\r\n', 'a'.repeat(100_000)];

/** What each port of an agent and its coturn expects, begun and not ended, too long, or wrong. */
export const BEGINNINGS = { web: WEB, statsdb: STATSDB, turn: TURN, tls: TLS, cli: CLI } as const;

/** The same, for a client that gives it byte by byte. */
export const DRIPS = {
  web: `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'a'.repeat(10_000)}`,
  statsdb: `*2\r\n$4\r\nAUTH\r\n$1000\r\n${'a'.repeat(1000)}`,
  turn: ALLOCATE_WITHOUT_END,
  tls: CLIENT_HELLO_OF_NOISE,
  cli: 'cs 000000000000000001'.repeat(10),
} as const;
