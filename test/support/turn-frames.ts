const STUN_HEADER = 20;
export const CHANNEL_HEADER = 4;
const LEAST_BYTES = 4;

/** Cuts a TCP stream into STUN messages and ChannelData messages, these with their padding (RFC 8656 section 12.5). */
export class TurnFrames {
  private rest: Buffer = Buffer.alloc(0);

  push(data: Buffer): Buffer[] {
    const bytes = Buffer.concat([this.rest, data]);
    const frames: Buffer[] = [];
    let at = 0;
    for (let end = endOf(bytes, at); end !== undefined; end = endOf(bytes, at)) {
      frames.push(bytes.subarray(at, end));
      at = end;
    }
    this.rest = bytes.subarray(at);
    return frames;
  }
}

/** undefined while the frame at `at` is not whole. */
function endOf(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < LEAST_BYTES) return undefined;
  const length = bytes.readUInt16BE(at + 2);
  const end = at + (isChannelData(bytes, at) ? CHANNEL_HEADER + padded(length) : STUN_HEADER + length);
  return end > bytes.length ? undefined : end;
}

/** The first two bits of a STUN message are 0; channel numbers begin at 0x4000 (RFC 8656 section 12). */
export function isChannelData(bytes: Buffer, at = 0): boolean {
  return (bytes[at] ?? 0) >= 0x40;
}

/** Over UDP the padding may be left out, over TCP it may not. */
export function channelData(channel: number, data: Buffer, isPadded: boolean): Buffer {
  const frame = Buffer.alloc(CHANNEL_HEADER + (isPadded ? padded(data.length) : data.length));
  frame.writeUInt16BE(channel, 0);
  frame.writeUInt16BE(data.length, 2);
  frame.set(data, CHANNEL_HEADER);
  return frame;
}

/** What a ChannelData message carries. */
export function dataOf(frame: Buffer): Buffer {
  return frame.subarray(CHANNEL_HEADER, CHANNEL_HEADER + frame.readUInt16BE(2));
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
