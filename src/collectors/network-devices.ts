import { readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ifPresent, readText, type SystemRoots } from './system-files';

/** What /sys/class/net says about one device. */
export interface DeviceFacts {
  readonly device: string;
  readonly up: boolean;
  readonly loopback: boolean;
  readonly ethernet: boolean;
  /** A driver of real or virtual hardware stands behind it (PCI, USB, virtio, Xen, Hyper-V), not the kernel alone. */
  readonly hardware: boolean;
  /** The bonding driver's; what its parts carry is counted here too. */
  readonly bond: boolean;
  /** It rides on other devices of this namespace: a bridge, a bond, a VLAN. */
  readonly stacked: boolean;
  /** The bond, bridge or paravirtual card that it is a part of. */
  readonly master: string | undefined;
  /** Megabits per second in each direction, as the driver says, truly or not. */
  readonly speedMbps: number | undefined;
}

/** ARPHRD_ETHER and ARPHRD_LOOPBACK, include/uapi/linux/if_arp.h. Tunnels have types of their own. */
const ETHERNET_TYPE = 1;
const LOOPBACK_TYPE = 772;
/** SPEED_UNKNOWN is -1 (include/uapi/linux/ethtool.h); old kernels print it unsigned. */
const UNSIGNED_SPEED_UNKNOWN = 4_294_967_295;

/** All devices of the agent's network namespace, by name. */
export async function readDevices({ sys }: SystemRoots, signal?: AbortSignal): Promise<readonly DeviceFacts[]> {
  const folder = join(sys, 'class/net');
  const names = await readdir(folder);
  const devices = await Promise.all(names.sort().map((name) => readDevice(join(folder, name), signal)));
  return devices.filter((device) => device !== undefined);
}

/** Undefined when it is no device, or is gone again. */
async function readDevice(path: string, signal?: AbortSignal): Promise<DeviceFacts | undefined> {
  const read = (file: string): Promise<string | undefined> => ifPresent(readText(join(path, file), signal));
  const [entries, type, operstate, speed, master] = await Promise.all([
    ifPresent(readdir(path)),
    read('type'),
    read('operstate'),
    read('speed'),
    ifPresent(readlink(join(path, 'master'))),
  ]);
  if (type === undefined || entries === undefined) return undefined;
  return {
    device: basename(path),
    up: isUp(operstate),
    loopback: Number(type) === LOOPBACK_TYPE,
    ethernet: Number(type) === ETHERNET_TYPE,
    hardware: entries.includes('device'),
    bond: entries.includes('bonding'),
    stacked: entries.some((entry) => entry.startsWith('lower_')),
    master: master === undefined ? undefined : basename(master),
    speedMbps: parseSpeed(speed),
  };
}

/** Drivers that cannot tell whether there is a link say `unknown` (Documentation/networking/operstates.rst). */
function isUp(operstate = 'down'): boolean {
  return ['up', 'unknown'].includes(operstate.trim());
}

function parseSpeed(text = ''): number | undefined {
  const mbps = Number(text.trim());
  return mbps > 0 && mbps < UNSIGNED_SPEED_UNKNOWN ? mbps : undefined;
}

/**
 * The devices whose traffic the relay's users pay for, each packet counted once. `auto` takes the cards that are up:
 * bridges, VLANs, tunnels and the host's ends of containers carry packets that a card carries as well. Parts of a bond
 * give way to the bond, the only one to know what they can carry together (one at a time in active-backup mode). A
 * card in another card is its fast path (Hyper-V's and virtio's virtual functions), and the outer one counts for both.
 */
export function selectDevices(all: readonly DeviceFacts[], wanted: 'auto' | readonly string[]): readonly DeviceFacts[] {
  if (wanted !== 'auto') return all.filter(({ device }) => wanted.includes(device));
  const candidates = all.filter(({ up, loopback }) => up && !loopback);
  const cards = candidates.filter(({ hardware }) => hardware);
  const byName = new Map(candidates.map((one) => [one.device, one]));
  const carriers = cards.length > 0 ? cards : waysOut(candidates);
  return [...new Set(carriers.map((one) => wholeOf(one, byName)))];
}

/** The bond or card that counts for this device, or itself. */
function wholeOf(one: DeviceFacts, byName: ReadonlyMap<string, DeviceFacts>): DeviceFacts {
  const master = byName.get(one.master ?? '');
  return master && (master.bond || master.hardware) ? wholeOf(master, byName) : one;
}

/**
 * Inside a container no card is seen at all; what is up and rides on nothing is its way out. Tunnels ride on that, though
 * the kernel does not say so, and ports of a bridge lead to containers inside this one.
 */
function waysOut(candidates: readonly DeviceFacts[]): readonly DeviceFacts[] {
  const bonds = new Set(candidates.filter(({ bond }) => bond).map(({ device }) => device));
  const ends = candidates.filter(({ ethernet, stacked }) => ethernet && !stacked);
  const outer = ends.filter(({ master }) => master === undefined || bonds.has(master));
  return [outer, ends].find((some) => some.length > 0) ?? candidates;
}

/**
 * What a device can carry in each direction, megabits per second. Only cards and bonds of cards know: veth and
 * tun say 10 Gb/s whatever carries them (drivers/net/veth.c, tun.c), and a bond adds up those parts that it sends with
 * (bond_ethtool_get_link_ksettings, bond_main.c).
 */
export function speedMbps(one: DeviceFacts, all: readonly DeviceFacts[]): number | undefined {
  const isBondOfCards = one.bond && all.some(({ hardware, master }) => hardware && master === one.device);
  return one.hardware || isBondOfCards ? one.speedMbps : undefined;
}
