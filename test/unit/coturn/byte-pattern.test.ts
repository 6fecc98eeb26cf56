import fc from 'fast-check';
import { BytePattern, byteText } from '../../../src/coturn/byte-pattern';

test('a pattern is found where it stands and nowhere else', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(text, text, fc.nat(3), (wanted, around, at) => {
      const { buffer, view } = byteText(Buffer.from(`${around.slice(0, at)}${wanted}${around}`));
      const pattern = new BytePattern(wanted);
      for (let start = 0; start < buffer.length; start++) {
        const stands = buffer.subarray(start, start + wanted.length).toString() === wanted;
        expect(pattern.isAt(view, start, buffer.length)).toBe(stands);
        expect(pattern.isAt(view, start, start + wanted.length - 1)).toBe(false);
      }
    }),
  );
});
