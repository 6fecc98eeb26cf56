import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { decodeStunMessage, encodeStunMessage, type StunAttribute, type StunMessage } from '../../turn/stun-message';
import { valueOf } from './turn-message';

const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const REALM = 0x0014;
const NONCE = 0x0015;
const STUN_HEADER_BYTES = 20;
const ATTRIBUTE_HEADER_BYTES = 4;
const INTEGRITY_BYTES = ATTRIBUTE_HEADER_BYTES + 20;

export interface UserAndPassword {
  readonly username: string;
  readonly password: string;
}

/** A server's challenge with the answer to it: the long-term credential mechanism (RFC 8489 section 9.2). */
export interface LongTermLogin {
  /** Hostile text. */
  readonly realm: string;
  readonly key: Buffer;
  readonly attributes: readonly StunAttribute[];
}

/** undefined where the message asks for no credential. */
export function answerChallenge(challenge: StunMessage, credential: UserAndPassword): LongTermLogin | undefined {
  const [realm, nonce] = [valueOf(challenge, REALM), valueOf(challenge, NONCE)];
  if (!realm || !nonce) return undefined;
  const username = Buffer.from(credential.username);
  return {
    realm: Buffer.from(realm).toString('utf8'),
    key: longTermKey(username, realm, credential.password),
    attributes: [
      { type: USERNAME, value: username },
      { type: REALM, value: realm },
      { type: NONCE, value: nonce },
    ],
  };
}

/** Section 9.2.2. MD5 is what every server knows; one that knows better takes it where none is named (section 9.2.4). */
function longTermKey(username: Uint8Array, realm: Uint8Array, password: string): Buffer {
  return createHash('md5').update(username).update(':').update(realm).update(':').update(password).digest();
}

/** The request as the server demands it, with MESSAGE-INTEGRITY at its end. */
export function signed(request: StunMessage, { key, attributes }: LongTermLogin): StunMessage {
  const unsigned = { ...request, attributes: [...request.attributes, ...attributes] };
  const value = integrityOf(encodeStunMessage(unsigned), key);
  return { ...unsigned, attributes: [...unsigned.attributes, { type: MESSAGE_INTEGRITY, value }] };
}

/** Whether whoever sent a message knows the password as well. */
export function isSignedBy(key: Buffer, bytes: Buffer): boolean {
  const message = decodeStunMessage(bytes);
  const value = message && valueOf(message, MESSAGE_INTEGRITY);
  if (value?.length !== INTEGRITY_BYTES - ATTRIBUTE_HEADER_BYTES) return false;
  const covered = bytes.subarray(0, value.byteOffset - bytes.byteOffset - ATTRIBUTE_HEADER_BYTES);
  return timingSafeEqual(integrityOf(covered, key), value);
}

/** Over all that stands before, under a header whose length counts the attribute already (section 14.5). */
function integrityOf(before: Buffer, key: Buffer): Buffer {
  const covered = Buffer.from(before);
  covered.writeUInt16BE(before.length - STUN_HEADER_BYTES + INTEGRITY_BYTES, 2);
  return createHmac('sha1', key).update(covered).digest();
}
