import { float64, grown } from './columns';

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const PORTS = 65_536;

/** The clients' addresses, a row each. `ip:port` of IPv4 is a number, a sixth of what the text takes; others are texts. */
export class RemoteColumn {
  /** 0: there is none, or it is in `texts`. */
  private ipv4: Float64Array;
  private readonly texts: string[] = [];

  /** `capacity`: how many rows are reserved. */
  constructor(capacity: number) {
    this.ipv4 = float64(capacity);
  }

  /** `ip:port`, any other text, or empty. */
  get(slot: number): string {
    const number = this.ipv4[slot] ?? 0;
    return number === 0 ? (this.texts[slot] ?? '') : ipv4Text(number);
  }

  /** The row has to be within the capacity. */
  set(slot: number, remote: string): void {
    const number = ipv4Number(remote);
    const text = number === 0 ? flat(remote) : '';
    this.ipv4[slot] = number;
    if (text !== (this.texts[slot] ?? '')) this.texts[slot] = text;
  }

  grow(capacity: number): void {
    this.ipv4 = grown(this.ipv4, capacity);
  }
}

/** 0 for a text that is not exactly what `ipv4Text` makes of a number. */
function ipv4Number(text: string): number {
  let [address, part] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT || code === COLON) [address, part] = [address * 256 + part, 0];
    else part = part * 10 + code - ZERO;
  }
  const number = address * PORTS + part;
  return ipv4Text(number) === text ? number : 0;
}

function ipv4Text(number: number): string {
  const address = Math.floor(number / PORTS);
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}:${number % PORTS}`;
}

/** A copy: V8 keeps the text that a slice of 13 characters or more was cut from, here a whole message of coturn. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
