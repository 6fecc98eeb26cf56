import fc from 'fast-check';
import {
  bindingRequest,
  decodeStunMessage,
  encodeStunMessage,
  mappedAddressOf,
  softwareOf,
  type StunMessage,
} from '../../../src/turn/stun-message';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const message: fc.Arbitrary<StunMessage> = fc.record({
  class: fc.constantFrom('request', 'indication', 'success', 'error'),
  method: fc.integer({ min: 0, max: 0xfff }),
  transactionId: bytes(12),
  attributes: fc.array(
    fc.record({ type: fc.integer({ min: 0, max: 0xffff }), value: fc.uint8Array({ maxLength: 40 }) }),
    { maxLength: 5 },
  ),
});

const plain = ({ transactionId, attributes, ...rest }: StunMessage) => ({
  ...rest,
  transactionId: [...transactionId],
  attributes: attributes.map(({ type, value }) => ({ type, value: [...value] })),
});

/** RFC 5769 section 2.2 and 2.3 (sample responses), which RFC 8489 keeps. */
const SAMPLE_ID = 'b7e7a701bc34d686fa87dfae';
const IPV4_RESPONSE = Buffer.from(
  `0101003c2112a442${SAMPLE_ID}8022000b7465737420766563746f7220002000080001a147e112a643` +
    '000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
  'hex',
);
const IPV6_RESPONSE = Buffer.from(
  `010100482112a442${SAMPLE_ID}8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9` +
    '00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c',
  'hex',
);

test('a Binding request is the 20 bytes of RFC 8489', () => {
  const request = encodeStunMessage(bindingRequest(Buffer.from(SAMPLE_ID, 'hex')));
  expect(request.toString('hex')).toBe(`000100002112a442${SAMPLE_ID}`);
});

test.each([
  ['IPv4', IPV4_RESPONSE, '192.0.2.1'],
  ['IPv6', IPV6_RESPONSE, '2001:db8:1234:5678:11:2233:4455:6677'],
])('the sample %s response of RFC 5769 is read', (_, response, host) => {
  const decoded = decodeStunMessage(response);
  expect(decoded).toMatchObject({ class: 'success', method: 1 });
  expect(decoded && mappedAddressOf(decoded)).toEqual({ host, port: 32_853 });
  expect(decoded && softwareOf(decoded)).toBe('test vector');
});

test('what is encoded is decoded again', () => {
  fc.assert(
    fc.property(message, (original) => {
      const decoded = decodeStunMessage(encodeStunMessage(original));
      expect(decoded && plain(decoded)).toEqual(plain(original));
    }),
  );
});

test('no bytes make the decoder throw, and a cut message is none', () => {
  fc.assert(
    fc.property(message, fc.uint8Array({ maxLength: 60 }), fc.nat(), (original, noise, at) => {
      decodeStunMessage(Buffer.from(noise));
      const encoded = encodeStunMessage(original);
      const flipped = Buffer.from(encoded);
      flipped[at % flipped.length] = at & 0xff;
      decodeStunMessage(flipped);
      expect(decodeStunMessage(encoded.subarray(0, at % encoded.length))).toBeUndefined();
    }),
  );
});
