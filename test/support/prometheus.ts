import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually';
import { parsePage, type Page } from './exposition-text';
import { freePorts } from './free-ports';

/** A real Prometheus on a free loopback port. */
export class Prometheus {
  /** All that it logged. */
  log = '';
  private readonly gone: Promise<unknown>;

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr?.on('data', (data: Buffer) => (this.log += data.toString()));
    this.gone = once(child, 'exit');
  }

  /** Its configuration file and its data lie in `folder`, which the caller removes after `stop`. Resolves when it is ready. */
  static async start(folder: string, config: object, features: readonly string[] = []): Promise<Prometheus> {
    const [port = 0] = await freePorts(1);
    const file = join(folder, 'prometheus.yml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config));
    const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`];
    flags.push(...features.map((feature) => `--enable-feature=${feature}`));
    const child = spawn('prometheus', [...flags, `--web.listen-address=127.0.0.1:${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, child);
    try {
      await eventually('Prometheus is ready', async () => (await fetch(`${prometheus.url}/-/ready`)).ok, 30_000);
    } catch (error) {
      await prometheus.stop();
      throw new Error(`Prometheus did not start: ${prometheus.log}`, { cause: error });
    }
    return prometheus;
  }

  /** The `data` of an answer of its HTTP API; `path` is what follows `/api/v1/`. */
  async api(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    if (!response.ok) throw new Error(`Prometheus answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { data: unknown }).data;
  }

  /** The value of the first series of an expression, or undefined while there is none. */
  async query(expression: string): Promise<number | undefined> {
    const data = await this.api(`query?query=${encodeURIComponent(expression)}`);
    const text = (data as { result: { value: [number, string] }[] }).result[0]?.value[1];
    return text === undefined ? undefined : Number(text);
  }

  /** What it tells of itself. */
  async ownPage(): Promise<Page> {
    return parsePage(await (await fetch(`${this.url}/metrics`)).text());
  }

  /** Resolves when it is gone. */
  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }
}
