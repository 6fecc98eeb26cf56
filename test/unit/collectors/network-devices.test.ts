import { selectDevices, type DeviceFacts } from '../../../src/collectors/network-devices';

const device = (name: string, facts: Partial<DeviceFacts> = {}): DeviceFacts => ({
  device: name,
  up: true,
  loopback: false,
  hardware: false,
  master: undefined,
  speedMbps: undefined,
  ...facts,
});
const card = (name: string, facts: Partial<DeviceFacts> = {}): DeviceFacts =>
  device(name, { hardware: true, ...facts });
const lo = device('lo', { loopback: true });

const chosen = (devices: readonly DeviceFacts[], wanted: 'auto' | readonly string[] = 'auto'): string[] =>
  selectDevices(devices, wanted).map((one) => one.device);

test('auto leaves out loopback, what is down, and what rides on a card', () => {
  const devices = [card('eth0'), card('eth1', { up: false }), device('docker0'), device('veth1'), device('wg0'), lo];
  expect(chosen(devices)).toEqual(['eth0']);
});

test('auto takes the cards of a bond or a bridge, not the bond: each packet once', () => {
  const devices = [device('bond0'), device('br0'), card('eth0', { master: 'bond0' }), card('eth1', { master: 'br0' })];
  expect(chosen(devices)).toEqual(['eth0', 'eth1']);
});

test("auto takes Hyper-V's card, not the virtual function whose packets that card counts as well", () => {
  expect(chosen([card('enP1s1', { master: 'eth0' }), card('eth0')])).toEqual(['eth0']);
});

test('auto in a container, where no card is seen, takes what is up', () => {
  expect(chosen([device('eth0'), device('tunl0', { up: false }), lo])).toEqual(['eth0']);
});

test('configured devices are taken as they are, and one that is not there is no error', () => {
  const devices = [card('eth0'), device('bond0', { up: false }), lo];
  expect(chosen(devices, ['bond0', 'lo', 'eth7'])).toEqual(['bond0', 'lo']);
});
