import { selectDevices, speedMbps, type DeviceFacts } from '../../../src/collectors/network-devices';

const device = (name: string, facts: Partial<DeviceFacts> = {}): DeviceFacts => ({
  device: name,
  up: true,
  loopback: false,
  ethernet: true,
  hardware: false,
  bond: false,
  stacked: false,
  master: undefined,
  speedMbps: undefined,
  ...facts,
});
const card = (name: string, facts: Partial<DeviceFacts> = {}): DeviceFacts =>
  device(name, { hardware: true, ...facts });
const bond = (name: string, facts: Partial<DeviceFacts> = {}): DeviceFacts =>
  device(name, { bond: true, stacked: true, ...facts });
const lo = device('lo', { loopback: true });

const chosen = (devices: readonly DeviceFacts[], wanted: 'auto' | readonly string[] = 'auto'): string[] =>
  selectDevices(devices, wanted).map((one) => one.device);

test('auto leaves out loopback, what is down, and what rides on a card', () => {
  const devices = [card('eth0'), card('eth1', { up: false }), device('docker0'), device('veth1'), device('wg0'), lo];
  expect(chosen(devices)).toEqual(['eth0']);
});

test('auto takes the card of a bridge, not the bridge: each packet once', () => {
  expect(chosen([device('br0', { stacked: true }), card('eth1', { master: 'br0' })])).toEqual(['eth1']);
});

test('auto takes a bond, once, and none of its parts, also where the bond is in a bridge and has VLANs', () => {
  const parts = ['eth0', 'eth1'].map((name) => card(name, { master: 'bond0' }));
  const above = [device('bond0.7', { stacked: true }), device('br0', { stacked: true })];
  expect(chosen([bond('bond0', { master: 'br0' }), ...above, ...parts, card('eth2'), lo])).toEqual(['bond0', 'eth2']);
});

test('auto takes the parts of a bond that is down, or of a team, which says nothing of itself', () => {
  const parts = ['eth0', 'eth1'].map((name) => card(name, { master: 'm' }));
  expect(chosen([bond('m', { up: false }), ...parts])).toEqual(['eth0', 'eth1']);
  expect(chosen([device('m', { stacked: true }), ...parts])).toEqual(['eth0', 'eth1']);
});

test("auto takes Hyper-V's card, and of two in a bond the bond", () => {
  const cards = [card('enP1s1', { master: 'eth0' }), card('eth0', { master: 'bond0' })];
  expect(chosen([...cards, bond('bond0')])).toEqual(['bond0']);
});

test("auto takes Hyper-V's card, not the virtual function whose packets that card counts as well", () => {
  expect(chosen([card('enP1s1', { master: 'eth0' }), card('eth0')])).toEqual(['eth0']);
});

test('auto in a container, where no card is seen, takes what is up', () => {
  expect(chosen([device('eth0'), device('tunl0', { up: false }), lo])).toEqual(['eth0']);
});

test('auto in a container leaves out what rides on its way out: VLANs, tunnels, containers inside it', () => {
  const inside = [device('docker0', { stacked: true }), device('veth7', { master: 'docker0' })];
  const riding = [device('eth0.5', { stacked: true }), device('wg0', { ethernet: false }), ...inside];
  expect(chosen([device('eth0'), ...riding, lo])).toEqual(['eth0']);
  const bonded = ['eth0', 'eth1'].map((name) => device(name, { master: 'bond0' }));
  expect(chosen([bond('bond0'), ...bonded, ...riding])).toEqual(['bond0']);
});

test('auto in a container whose only way out is in a bridge, or no Ethernet, takes that', () => {
  expect(chosen([device('br0', { stacked: true }), device('eth0', { master: 'br0' })])).toEqual(['eth0']);
  expect(chosen([device('venet0', { ethernet: false }), lo])).toEqual(['venet0']);
});

test('the speed of a card, and of a bond of cards, is believed; that of anything else is made up', () => {
  const speed = (one: DeviceFacts, ...others: DeviceFacts[]): number | undefined => speedMbps(one, [one, ...others]);
  const fast = { speedMbps: 10_000 };
  expect(speed(card('eth0', fast))).toBe(10_000);
  expect(speed(card('eth0'))).toBeUndefined();
  expect(speed(device('veth0', fast))).toBeUndefined();
  expect(speed(bond('bond0', fast), card('eth0', { master: 'bond0' }))).toBe(10_000);
  expect(speed(bond('bond0', fast), device('veth0', { master: 'bond0' }), card('eth0'))).toBeUndefined();
});

test('configured devices are taken as they are, and one that is not there is no error', () => {
  const devices = [card('eth0'), device('bond0', { up: false }), lo];
  expect(chosen(devices, ['bond0', 'lo', 'eth7'])).toEqual(['bond0', 'lo']);
});
