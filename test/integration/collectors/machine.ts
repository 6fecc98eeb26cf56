import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SystemRoots } from '../../../src/collectors/system-files';

interface AddedDevice {
  readonly operstate?: string;
  readonly speed?: string;
  readonly hardware?: boolean;
  readonly master?: string;
  /** As the bonding driver shows them (Documentation/networking/bonding.rst, "Configuring Bonding Manually via Sysfs"). */
  readonly partsOfBond?: readonly string[];
}

/** The /proc and /sys of a machine whose hardware a test can change; begins as the captured one. */
export class Machine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'turnkeeper-machine-'));
  readonly roots: SystemRoots = { proc: join(this.folder, 'proc'), sys: join(this.folder, 'sys') };

  constructor() {
    cpSync('test/fixtures/proc/machine', this.folder, { recursive: true });
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** A card, or without `hardware` a device of the kernel's own. */
  addDevice(name: string, facts: AddedDevice): void {
    const { operstate = 'up', speed, hardware = true, master, partsOfBond = [] } = facts;
    const folder = `sys/class/net/${name}`;
    this.write(`${folder}/type`, '1\n');
    this.write(`${folder}/operstate`, `${operstate}\n`);
    if (speed !== undefined) this.write(`${folder}/speed`, `${speed}\n`);
    if (hardware) this.write(`${folder}/device/uevent`, '');
    if (partsOfBond.length > 0) this.write(`${folder}/bonding/mode`, '802.3ad 4\n');
    for (const part of partsOfBond) symlinkSync(`../${part}`, join(this.folder, folder, `lower_${part}`));
    if (master !== undefined) symlinkSync(`../${master}`, join(this.folder, folder, 'master'));
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  /** What /proc/net/dev counts: bytes received and transmitted by device. */
  setBytes(bytes: Readonly<Record<string, readonly [number, number]>>): void {
    const lines = Object.entries(bytes).map(([name, [rx, tx]]) => `${name}: ${rx} 1 2 3 0 0 0 0 ${tx} 4 5 6 0 0 0 0\n`);
    this.write('proc/net/dev', `heading\nheading\n${lines.join('')}`);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
