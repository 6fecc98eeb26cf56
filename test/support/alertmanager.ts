import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './eventually';
import { freePorts } from './free-ports';

/** A real Alertmanager on a free loopback port, alone (no cluster). */
export class Alertmanager {
  /** All that it logged. */
  log = '';
  private readonly gone: Promise<unknown>;

  private constructor(
    /** `127.0.0.1:9093` */
    readonly address: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr?.on('data', (data: Buffer) => (this.log += data.toString()));
    this.gone = once(child, 'exit');
  }

  /** Its data lie in `folder`, which the caller removes after `stop`. Resolves when it is ready. */
  static async start(folder: string, configFile: string): Promise<Alertmanager> {
    const [port = 0] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const flags = [`--config.file=${configFile}`, `--storage.path=${join(folder, 'alertmanager')}`];
    const alone = ['--cluster.listen-address=', `--web.listen-address=${address}`];
    const child = spawn('prometheus-alertmanager', [...flags, ...alone], { stdio: ['ignore', 'ignore', 'pipe'] });
    const alertmanager = new Alertmanager(address, child);
    try {
      await eventually('it is ready', async () => (await fetch(`http://${address}/-/ready`)).ok, 30_000);
    } catch (error) {
      await alertmanager.stop();
      throw new Error(`Alertmanager did not start: ${alertmanager.log}`, { cause: error });
    }
    return alertmanager;
  }

  /** Resolves when it is gone. */
  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }
}
