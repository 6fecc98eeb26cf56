import type { RedisTarget } from './target';

/** What ends the handshake: the confirmation of the one subscription. */
const SUBSCRIBED = '*3\r\n$10\r\npsubscribe\r\n$6\r\nturn/*\r\n:1\r\n';
const MAX_BYTES = 4096;
const MAX_ERROR_LENGTH = 200;

type Step = 'auth' | 'name' | 'subscribe';

export type HandshakeState =
  | { readonly kind: 'more' }
  /** `sentence`: what Redis said, or what is wrong. */
  | { readonly kind: 'failed'; readonly sentence: string }
  /** `rest`: the first bytes of what comes after it. */
  | { readonly kind: 'subscribed'; readonly rest: Buffer };

/**
 * The beginning of a subscriber's connection: AUTH where there is a password, a name for CLIENT LIST, and the one
 * PSUBSCRIBE. Redis' RESP2, which 6 and 7 speak unless asked for more.
 */
export class SubscribeHandshake {
  private readonly steps: Step[];
  private text = '';

  constructor(private readonly target: Pick<RedisTarget, 'username' | 'password'>) {
    this.steps = target.password === undefined ? ['name', 'subscribe'] : ['auth', 'name', 'subscribe'];
  }

  /** What is to be sent at once. */
  request(): Buffer {
    return Buffer.concat(this.steps.map((step) => command(this.words(step))));
  }

  take(chunk: Buffer): HandshakeState {
    // One character a byte.
    this.text += chunk.toString('latin1');
    for (;;) {
      if (this.steps[0] === 'subscribe') return this.subscription();
      const end = this.text.indexOf('\r\n');
      if (end === -1) return this.text.length > MAX_BYTES ? notRedis() : { kind: 'more' };
      const line = this.text.slice(0, end);
      // A name is a nicety, which not everybody may give.
      const isGood = line === '+OK' || (this.steps[0] === 'name' && line.startsWith('-'));
      if (!isGood) return refused(line);
      this.text = this.text.slice(end + 2);
      this.steps.shift();
    }
  }

  private subscription(): HandshakeState {
    const { text } = this;
    if (text.startsWith(SUBSCRIBED)) {
      return { kind: 'subscribed', rest: Buffer.from(text.slice(SUBSCRIBED.length), 'latin1') };
    }
    if (SUBSCRIBED.startsWith(text)) return { kind: 'more' };
    if (!text.startsWith('-')) return notRedis();
    const end = text.indexOf('\r\n');
    if (end !== -1) return refused(text.slice(0, end));
    return text.length > MAX_BYTES ? notRedis() : { kind: 'more' };
  }

  private words(step: Step): string[] {
    const { username, password = '' } = this.target;
    switch (step) {
      case 'auth':
        return username === undefined ? ['AUTH', password] : ['AUTH', username, password];
      case 'name':
        return ['CLIENT', 'SETNAME', 'turnkeeper-subscriber'];
      case 'subscribe':
        return ['PSUBSCRIBE', 'turn/*'];
    }
  }
}

export const PING = command(['PING']);

function command(words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join('')}`);
}

function refused(line: string): HandshakeState {
  if (!line.startsWith('-')) return notRedis();
  const said = line.slice(1, MAX_ERROR_LENGTH).replace(/[^ -~]/g, '?');
  return { kind: 'failed', sentence: `Redis refused: ${said}` };
}

function notRedis(): HandshakeState {
  return { kind: 'failed', sentence: 'what answers there is no Redis' };
}
