import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { answerChallenge, isSignedBy, signed } from '../../../src/cli/turn-test/long-term-login';
import { StunFrames } from '../../../src/cli/turn-test/stun-frames';
import { allocateRequest, errorOf, lifetimeOf, relayedAddressOf } from '../../../src/cli/turn-test/turn-message';
import { decodeStunMessage, encodeStunMessage, type StunMessage } from '../../../src/turn/stun-message';

const request = allocateRequest(randomBytes(12));
const challenge: StunMessage = {
  ...request,
  class: 'error',
  attributes: [
    { type: 0x0014, value: Buffer.from('realm') },
    { type: 0x0015, value: Buffer.from('nonce') },
  ],
};

describe('a stream of STUN messages', () => {
  const messages = [request, challenge, { ...request, attributes: [] }].map(encodeStunMessage);

  it('gives the same messages however its bytes come', () => {
    const all = Buffer.concat(messages);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sizes) => {
        const frames = new StunFrames();
        const got: Buffer[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          got.push(...frames.push(all.subarray(at, at + size)).map((frame) => Buffer.from(frame)));
          at += size;
        }
        expect(got).toEqual(messages);
      }),
    );
  });

  it.each([
    ['text', Buffer.from('HTTP/1.1 ')],
    ['ChannelData', Buffer.from('400000042112a442', 'hex')],
    ['a length of 65532', Buffer.from('0103fffc2112a442', 'hex')],
  ])('ends at %s', (_what, bytes) => {
    expect(() => new StunFrames().push(bytes)).toThrow('garbled');
  });

  it('never fails by anything but that it is garbled', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new StunFrames().push(Buffer.from(bytes));
        } catch (error) {
          expect(String(error)).toContain('garbled');
        }
      }),
    );
  });
});

describe('the integrity of a message', () => {
  it('is that of RFC 5769 section 2.4, the long-term example', () => {
    const login = answerChallenge(
      {
        ...request,
        attributes: [
          { type: 0x0014, value: Buffer.from('example.org') },
          { type: 0x0015, value: Buffer.from('f//499k954d6OL34oL9FSTvy64sA') },
        ],
      },
      { username: '\u30de\u30c8\u30ea\u30c3\u30af\u30b9', password: 'TheMatrIX' },
    );
    const example = Buffer.from(
      '000100602112a44278ad3433c6ad72c029da412e' +
        '00060012e3839ee38388e383aae38383e382afe382b90000' +
        '0015001c662f2f3439396b393534643 64f4c33346f4c394653547679363473 41'.replaceAll(' ', '') +
        '0014000b6578616d706c652e6f726700' +
        '00080014f67024656dd64a3e02b8e0712e85c9a28ca89666',
      'hex',
    );
    expect(isSignedBy(login?.key ?? Buffer.alloc(0), example)).toBe(true);
  });

  it('holds for who knows the password, and for the very bytes', () => {
    const login = answerChallenge(challenge, { username: 'u', password: 'p' });
    const other = answerChallenge(challenge, { username: 'u', password: 'q' });
    if (!login || !other) throw new Error('the challenge asks for a credential');
    const bytes = encodeStunMessage(signed(request, login));
    expect(isSignedBy(login.key, bytes)).toBe(true);
    expect(isSignedBy(other.key, bytes)).toBe(false);
    expect(isSignedBy(login.key, encodeStunMessage(request))).toBe(false);
    fc.assert(
      fc.property(fc.integer({ min: 8, max: bytes.length - 1 }), (at) => {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ 1;
        expect(isSignedBy(login.key, altered)).toBe(false);
      }),
    );
  });

  it('is asked for only by a challenge with realm and nonce', () => {
    const attributes = challenge.attributes.slice(1);
    expect(answerChallenge({ ...challenge, attributes }, { username: 'u', password: 'p' })).toBeUndefined();
  });
});

describe('the attributes of an answer', () => {
  it('are undefined or harmless whatever they hold', () => {
    fc.assert(
      fc.property(fc.constantFrom(0x0009, 0x000d, 0x0016), fc.uint8Array({ maxLength: 900 }), (type, value) => {
        const message = decodeStunMessage(encodeStunMessage({ ...challenge, attributes: [{ type, value }] }));
        if (!message) throw new Error('it is a message');
        expect(errorOf(message)?.code ?? 0).toBeLessThan(1000);
        expect(errorOf(message)?.reason.length ?? 0).toBeLessThanOrEqual(100);
        expect([undefined, value.length === 4]).toContain(lifetimeOf(message) === undefined ? undefined : true);
        expect([undefined, 8, 20]).toContain(relayedAddressOf(message) && value.length);
      }),
    );
  });

  it.each(['Quota', 'Quota\0\0\0'])(
    'say code and reason, without the padding that coturn takes for text: %j',
    (text) => {
      const value = Buffer.concat([Buffer.from([0, 0, 4, 86]), Buffer.from(text)]);
      expect(errorOf({ ...challenge, attributes: [{ type: 0x0009, value }] })).toEqual({ code: 486, reason: 'Quota' });
    },
  );
});
