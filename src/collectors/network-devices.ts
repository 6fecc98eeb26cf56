import { access, readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ifPresent, readText, type SystemRoots } from './system-files';

/** What /sys/class/net says about one device. */
export interface DeviceFacts {
  readonly device: string;
  readonly up: boolean;
  readonly loopback: boolean;
  /** A driver of real or virtual hardware stands behind it (PCI, USB, virtio, Xen, Hyper-V), not the kernel alone. */
  readonly hardware: boolean;
  /** The bond, bridge or paravirtual card that it is a part of. */
  readonly master: string | undefined;
  /** Megabits per second in each direction, where the driver knows it. */
  readonly speedMbps: number | undefined;
}

/** ARPHRD_LOOPBACK, include/uapi/linux/if_arp.h. */
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
  const [type, operstate, speed, master, driver] = await Promise.all([
    read('type'),
    read('operstate'),
    read('speed'),
    ifPresent(readlink(join(path, 'master'))),
    ifPresent(access(join(path, 'device')).then(() => true)),
  ]);
  if (type === undefined) return undefined;
  return {
    device: basename(path),
    up: isUp(operstate),
    loopback: Number(type) === LOOPBACK_TYPE,
    hardware: driver ?? false,
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
 * bridges, VLANs, tunnels, bonds and the host's ends of containers carry packets that a card carries as well. A card
 * in another card is its fast path (Hyper-V's and virtio's virtual functions), and the outer one counts for both.
 * Inside a container no card is seen at all; what is up there, loopback aside, is its way out.
 */
export function selectDevices(all: readonly DeviceFacts[], wanted: 'auto' | readonly string[]): readonly DeviceFacts[] {
  if (wanted !== 'auto') return all.filter(({ device }) => wanted.includes(device));
  const candidates = all.filter(({ up, loopback }) => up && !loopback);
  const cards = candidates.filter(({ hardware }) => hardware);
  if (cards.length === 0) return candidates;
  return cards.filter(({ master }) => !cards.some(({ device }) => device === master));
}
