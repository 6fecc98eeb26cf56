/** Which part of its allocations' lives a stream tells. */
export type Part = 'life' | 'opening' | 'reports' | 'closing';

export interface StreamOptions {
  readonly part: Part;
  /** The number of the first allocation: ids and users begin there. */
  readonly first: number;
  readonly allocations: number;
  /** How many of them are open at a time. */
  readonly concurrent: number;
  /** Reports of both legs from an opening until the close, where one more comes. Where only `reports` are told: so many. */
  readonly reports: number;
  /** What each user has: a WebRTC call makes several. */
  readonly allocationsPerUser: number;
}

export interface CoturnStream {
  readonly chunks: readonly Buffer[];
  readonly commands: number;
  /** Of them, PUBLISH: what a subscriber hears. */
  readonly events: number;
}

const CHUNK_BYTES = 256 * 1024;

/** A stream of commands as coturn 4.6.1 sends them (test/fixtures/coturn-4.6.1/statsdb.ndjson), in RESP. */
export function coturnStream(options: StreamOptions): CoturnStream {
  const writer = new StreamWriter();
  const { part, first, allocations, concurrent, reports } = options;
  const end = first + allocations;
  for (let from = first; from < end; from += concurrent) {
    const open = Array.from({ length: Math.min(concurrent, end - from) }, (_, at) => from + at);
    const each = (write: (allocation: number, user: string) => void): void => {
      for (const allocation of open) write(allocation, userOf(allocation, options));
    };
    if (part === 'life' || part === 'opening') {
      each((allocation, user) => {
        writer.begin(allocation, user);
      });
    }
    for (let report = 0; part !== 'closing' && report < reports; report++) {
      each((allocation, user) => {
        writer.traffic(allocation, user);
      });
    }
    if (part === 'life' || part === 'closing') {
      each((allocation, user) => {
        writer.end(allocation, user, reports + 1);
      });
    }
  }
  return writer.finish();
}

/** A REST user name. */
function userOf(allocation: number, { allocationsPerUser }: StreamOptions): string {
  return `1795232381:user${Math.floor(allocation / allocationsPerUser)}`;
}

/** What a client sends in one report of its leg, bytes. */
export const CLIENT_BYTES_A_REPORT = 1_434_475;

class StreamWriter {
  private readonly chunks: Buffer[] = [];
  private text = '';
  private commands = 0;
  private events = 0;

  begin(allocation: number, user: string): void {
    const port = 1024 + (allocation % 60_000);
    const details = `type=UDP, local=127.0.0.1:3478, remote=192.0.2.${allocation % 250}:${port}, ssl=NONE, cipher=NONE`;
    this.status(allocation, user, `new lifetime=600, ${details}`);
    this.status(allocation, user, `refreshed lifetime=600, ${details}`);
  }

  traffic(allocation: number, user: string): void {
    this.publish(
      `${key(allocation, user)}/traffic`,
      `rcvp=1362, rcvb=${CLIENT_BYTES_A_REPORT}, sentp=692, sentb=48846`,
    );
    this.publish(`${key(allocation, user)}/traffic/peer`, 'rcvp=687, rcvb=48154, sentp=1357, sentb=1429520');
  }

  /** `reports`: how many there were, this last one included. */
  end(allocation: number, user: string, reports: number): void {
    this.traffic(allocation, user);
    this.add('del', `${key(allocation, user)}/status`, '');
    this.publish(`${key(allocation, user)}/status`, 'deleted');
    this.publish(
      `${key(allocation, user)}/total_traffic`,
      `rcvp=${1362 * reports}, rcvb=${CLIENT_BYTES_A_REPORT * reports}, sentp=${692 * reports}, sentb=${48846 * reports}`,
    );
    this.publish(
      `${key(allocation, user)}/total_traffic/peer`,
      `rcvp=${687 * reports}, rcvb=${48154 * reports}, sentp=${1357 * reports}, sentb=${1429520 * reports}`,
    );
  }

  finish(): CoturnStream {
    this.cut();
    return { chunks: this.chunks, commands: this.commands, events: this.events };
  }

  private status(allocation: number, user: string, value: string): void {
    this.add('set', `${key(allocation, user)}/status`, value);
    this.publish(`${key(allocation, user)}/status`, value);
  }

  private publish(channel: string, message: string): void {
    this.events++;
    this.add('publish', channel, message);
  }

  private add(...args: string[]): void {
    this.commands++;
    this.text += `*${args.length}\r\n`;
    for (const arg of args) this.text += `$${arg.length}\r\n${arg}\r\n`;
    if (this.text.length >= CHUNK_BYTES) this.cut();
  }

  private cut(): void {
    this.chunks.push(Buffer.from(this.text, 'latin1'));
    this.text = '';
  }
}

function key(allocation: number, user: string): string {
  return `turn/realm/example.org/user/${user}/allocation/${String(allocation + 1).padStart(18, '0')}`;
}
