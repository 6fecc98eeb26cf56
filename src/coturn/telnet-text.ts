/** What coturn's telnet admin interface writes: lines, and the prompt `> ` that waits for a command. */
export type AdminToken = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'prompt' };

const IAC = 255;
const SUBNEGOTIATION = 250;
const SUBNEGOTIATION_END = 240;
const FIRST_NEGOTIATION = 251;
/** coturn writes nothing longer; more is cut off. */
const MAX_LINE = 4096;

type TelnetState = 'data' | 'command' | 'option' | 'subnegotiation' | 'subnegotiation-command';

/** Takes the bytes as they arrive, however they are cut, and gives what they complete. Telnet commands (RFC 854) are dropped. */
export class TelnetText {
  private state: TelnetState = 'data';
  private line = '';

  feed(bytes: Uint8Array): AdminToken[] {
    const tokens: AdminToken[] = [];
    for (const byte of bytes) {
      const token = this.step(byte);
      if (token) tokens.push(token);
    }
    return tokens;
  }

  private step(byte: number): AdminToken | undefined {
    switch (this.state) {
      case 'data':
        if (byte !== IAC) return this.take(byte);
        this.state = 'command';
        return undefined;
      case 'command':
        return this.command(byte);
      case 'option':
        this.state = 'data';
        return undefined;
      case 'subnegotiation':
        if (byte === IAC) this.state = 'subnegotiation-command';
        return undefined;
      case 'subnegotiation-command':
        this.state = byte === SUBNEGOTIATION_END ? 'data' : 'subnegotiation';
        return undefined;
    }
  }

  /** After IAC: an escaped 255, a negotiation with one option byte, a subnegotiation, or a command of one byte. */
  private command(byte: number): AdminToken | undefined {
    this.state = 'data';
    if (byte === IAC) return this.take(byte);
    if (byte === SUBNEGOTIATION) this.state = 'subnegotiation';
    else if (byte >= FIRST_NEGOTIATION) this.state = 'option';
    return undefined;
  }

  private take(byte: number): AdminToken | undefined {
    if (byte === 0x0a) return this.endOfLine();
    if (byte !== 0x0d && this.line.length < MAX_LINE) this.line += String.fromCharCode(byte);
    // No other line begins so but one within an origin, which a client writes: see `session-listing.ts`.
    if (this.line !== '> ') return undefined;
    this.line = '';
    return { kind: 'prompt' };
  }

  private endOfLine(): AdminToken {
    const text = this.line;
    this.line = '';
    return { kind: 'line', text };
  }
}
