import { TurnFailure } from './turn-failure';

const HEADER_BYTES = 20;
const COOKIE_END = 8;
const MAGIC_COOKIE = 0x2112a442;
/** Far more than an answer to Allocate holds; a length field could say 65535. */
const MAX_BODY_BYTES = 4096;

/** Cuts a stream into STUN messages, which tell their own length (RFC 8489 section 6.2.2). It keeps one message at most. */
export class StunFrames {
  private rest: Buffer = Buffer.alloc(0);

  /** The messages that `data` completes. Throws TurnFailure `garbled` as soon as no message that we'd read can come. */
  push(data: Buffer): Buffer[] {
    const bytes = this.rest.length === 0 ? data : Buffer.concat([this.rest, data]);
    const messages: Buffer[] = [];
    let at = 0;
    for (let end = endOf(bytes, at); end !== undefined; end = endOf(bytes, at)) {
      messages.push(bytes.subarray(at, end));
      at = end;
    }
    this.rest = bytes.subarray(at);
    return messages;
  }
}

/** undefined while the message at `at` is not whole. */
function endOf(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < COOKIE_END) return undefined;
  const length = bytes.readUInt16BE(at + 2);
  // Other first bits would be ChannelData (RFC 8656 section 12.4), and no channel is bound here.
  const isStun = (bytes[at] ?? 0) < 0x40 && bytes.readUInt32BE(at + 4) === MAGIC_COOKIE;
  if (!isStun || length > MAX_BODY_BYTES) throw new TurnFailure('garbled');
  const end = at + HEADER_BYTES + length;
  return end > bytes.length ? undefined : end;
}
