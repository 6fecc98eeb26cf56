import { execFileSync } from 'node:child_process';

/** RFC 2544's addresses for tests of networks, which nobody else uses: 16 of them for each process. */
const FIRST_ADDRESS = 0xc6120000;
const BLOCK = 16;
const BLOCKS = 0x20000 / BLOCK;
/** /30: this machine's end and the other one. */
const CABLE = 4;

export const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });

/** Why no network namespace can be made here; undefined where one can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  try {
    new CabledNetwork().remove();
    return undefined;
  } catch {
    return 'this machine allows no network namespaces';
  }
}

/** A network namespace that this machine reaches over two cables, each of which can be pulled: what is sent then is lost. */
export class CabledNetwork {
  private readonly name = `tk${process.pid}z`;
  private readonly ends: string[] = [];

  constructor() {
    ip('netns', 'add', this.name);
    try {
      ip('-n', this.name, 'link', 'set', 'lo', 'up');
      for (const cable of [0, 1]) this.lay(cable);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Of the other end: all that listens there is reached over either cable. */
  addressOver(cable: 0 | 1): string {
    return addressOf(cable, 2);
  }

  /** The command that runs the program there; it becomes the program, in the same process. */
  command(program: string, args: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', this.name, program, ...args]];
  }

  /** At the other end: this machine keeps its route and waits, as it does when a switch on the way dies. */
  pull(cable: 0 | 1): void {
    ip('-n', this.name, 'link', 'set', `eth${cable}`, 'down');
  }

  plug(cable: 0 | 1): void {
    ip('-n', this.name, 'link', 'set', `eth${cable}`, 'up');
  }

  /** Of a namespace the kernel takes its time to remove the devices: the next network of this process wants their names. */
  remove(): void {
    for (const end of this.ends) ip('link', 'del', end);
    ip('netns', 'del', this.name);
  }

  private lay(cable: number): void {
    const [here, there] = [`${this.name}${cable}`, `eth${cable}`];
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', this.name);
    this.ends.push(here);
    ip('addr', 'add', `${addressOf(cable, 1)}/30`, 'dev', here);
    ip('-n', this.name, 'addr', 'add', `${addressOf(cable, 2)}/30`, 'dev', there);
    ip('link', 'set', here, 'up');
    ip('-n', this.name, 'link', 'set', there, 'up');
  }
}

function addressOf(cable: number, end: number): string {
  const address = FIRST_ADDRESS + (process.pid % BLOCKS) * BLOCK + cable * CABLE + end;
  return [24, 16, 8, 0].map((bits) => (address >>> bits) & 255).join('.');
}
