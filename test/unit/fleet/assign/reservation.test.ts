import { assert, json, property, uint8Array } from 'fast-check';
import { decodeReservation, encodeReservation, taskId } from '../../../../src/fleet/assign/reservation';

const NOW = Date.UTC(2026, 10, 21);
const RESERVATION = { server: 'turn1', seconds: 60, until: NOW + 60_000 };

test('means the same after it was written and read', () => {
  expect(decodeReservation(encodeReservation(RESERVATION), NOW)).toEqual(RESERVATION);
});

test.each([
  { until: NOW + 86_400_000 },
  { until: '1' },
  { seconds: -1 },
  { seconds: 1e9 },
  { server: '' },
  { server: 'x'.repeat(2000) },
])('what others wrote holds nothing for ever: %j', (changes) => {
  expect(decodeReservation(Buffer.from(JSON.stringify({ ...RESERVATION, ...changes })), NOW)).toBeUndefined();
});

test('no bytes and no JSON make the reader throw', () => {
  assert(property(uint8Array(), (bytes) => decodeReservation(Buffer.from(bytes), NOW) === undefined));
  assert(property(json(), (text) => decodeReservation(Buffer.from(text), NOW) === undefined));
});

test('the name of a node holds no part of the task, and 16 characters that any path may have', () => {
  expect(taskId('room/7/../x')).toMatch(/^[0-9a-f]{16}$/);
  expect(taskId('a')).not.toBe(taskId('b'));
});
