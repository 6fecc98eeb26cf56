import { OthersReserved } from '../../../../src/fleet/assign/others-reserved';
import { PendingRoom } from '../../../../src/fleet/assign/pending-room';
import { relay } from './relays';

const none = (): number => 0;

test('what is reserved counts until it ends', () => {
  const room = new PendingRoom();
  const [one, two] = [room.add('a', 2, 100), room.add('a', 3, 100)];
  expect([room.of('a'), room.of('b')]).toEqual([5, 0]);
  room.remove(one);
  room.remove(one);
  expect(room.of('a')).toBe(3);
  room.remove(two);
  expect(room.told()).toEqual({});
});

test('by what the free room falls, the oldest count no more', () => {
  const room = new PendingRoom();
  const [one, two] = [room.add('a', 2, 100), room.add('a', 2, 100)];
  room.look(() => 97, none);
  expect([room.of('a'), one.mbps, two.mbps]).toEqual([1, 0, 1]);
  room.look(() => 97, none);
  expect(room.of('a')).toBe(1);
  room.look(() => 99, none); // others have left
  room.look(() => 98.5, none);
  expect(room.of('a')).toBe(0.5);
  room.look(() => 0, none);
  expect(room.of('a')).toBe(0);
});

test('of a fall that several agents wait for each takes its share: together no more than it was', () => {
  const [here, there] = [new PendingRoom(), new PendingRoom()];
  here.add('a', 8, 100);
  there.add('a', 2, 100);
  here.look(
    () => 95,
    () => 2,
  );
  there.look(
    () => 95,
    () => 8,
  );
  expect(here.of('a') + there.of('a')).toBeCloseTo(5);
  expect(here.of('a')).toBeCloseTo(4);
});

test('reservations that take no room stay none when the free room falls', () => {
  const room = new PendingRoom();
  room.add('a', 0, 100);
  room.look(() => 50, none);
  expect(room.of('a')).toBe(0);
});

test('a relay that is gone from the view shows nothing', () => {
  const room = new PendingRoom();
  room.add('a', 2, 100);
  room.look(() => undefined, none);
  expect(room.of('a')).toBe(2);
});

test('others are told of the 256 with most, by names that a node can hold', () => {
  const room = new PendingRoom();
  for (let i = 0; i < 300; i++) room.add(`relay-${i}`, i + 1, 1000);
  room.add('x'.repeat(100), 5000, 1000);
  room.add('esc\u001bape', 5000, 1000);
  const told = room.told();
  expect(Object.keys(told)).toHaveLength(256);
  expect(Math.min(...Object.values(told))).toBe(45);
  expect(told['relay-299']).toBe(300);
});

test('what the others say is summed up, without what the own node says', () => {
  const others = new OthersReserved('own');
  const fleet = [
    relay('own', { agent: 'own', reserved: { a: 100 } }),
    relay('b', { reserved: { a: 2, b: 1 } }),
    relay('c', { reserved: { a: 4 } }),
  ];
  expect([others.on('a', fleet), others.on('b', fleet), others.on('toString', fleet)]).toEqual([6, 1, 0]);
  expect(others.on('a', [])).toBe(0);
});
