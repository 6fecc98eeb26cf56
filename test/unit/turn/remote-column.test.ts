import fc from 'fast-check';
import { RemoteColumn } from '../../../src/turn/remote-column';

const anyPort = fc.integer({ min: 0, max: 70_000 });
const anyPart = fc.oneof(fc.nat(300), fc.constantFrom('00', '01', '-1', '1e2', ' 1', ''));
const likeIpv4 = fc
  .tuple(fc.array(anyPart, { minLength: 3, maxLength: 5 }), anyPort)
  .map(([parts, port]) => `${parts.join('.')}:${port}`);
const anyRemote = fc.oneof(
  fc.constantFrom('', '0.0.0.0:0', '255.255.255.255:65535', '[2001:db8::1]:5000', '1.2.3.4', ':'),
  fc.tuple(fc.ipV4(), anyPort).map(([ip, port]) => `${ip}:${port}`),
  fc.tuple(fc.ipV6(), anyPort).map(([ip, port]) => `[${ip}]:${port}`),
  likeIpv4,
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
);

describe("the clients' addresses", () => {
  test('are given as they were set last, whatever they are', () => {
    const anySetting = fc.record({ slot: fc.nat(3), remote: anyRemote });
    fc.assert(
      fc.property(fc.array(anySetting, { maxLength: 40 }), (settings) => {
        const column = new RemoteColumn(4);
        const expected = ['', '', '', ''];
        for (const { slot, remote } of settings) {
          column.set(slot, remote);
          expected[slot] = remote;
          expect(expected.map((_, at) => column.get(at))).toEqual(expected);
        }
      }),
    );
  });

  test('stay when the table grows', () => {
    const column = new RemoteColumn(1);
    column.set(0, '192.0.2.1:1024');
    column.grow(3);
    column.set(2, '[2001:db8::1]:1024');
    expect([0, 1, 2].map((slot) => column.get(slot))).toEqual(['192.0.2.1:1024', '', '[2001:db8::1]:1024']);
  });
});
