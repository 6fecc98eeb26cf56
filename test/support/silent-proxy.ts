import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a port of this machine that can fall silent, as where the other machine or a firewall's memory is lost. */
export class SilentProxy {
  private readonly links: Socket[] = [];
  private readonly server = createServer((near) => {
    const far = connect(this.target, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far);
    far.pipe(near);
    this.links.push(near, far);
  });

  private constructor(private readonly target: number) {}

  static async to(target: number): Promise<SilentProxy> {
    const proxy = new SilentProxy(target);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Nothing passes any more on the connections that there are, and nobody is told; new ones work. */
  silence(): void {
    for (const link of this.links) link.unpipe().pause();
  }

  close(): void {
    this.server.close();
    for (const link of this.links) link.destroy();
  }
}
