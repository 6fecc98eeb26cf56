import { createClient, type Client, type Exception, type Stat } from 'node-zookeeper-client';

/** Another program at the registry: it looks with the bare client, as a signalling server would. */
export class Onlooker {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async connect(servers: string): Promise<Onlooker> {
    const client = createClient(servers, { sessionTimeout: 4000, spinDelay: 100 });
    const connected = new Promise<void>((resolve) => client.once('connected', resolve));
    client.connect();
    await connected;
    return new Onlooker(client);
  }

  /** undefined where there is none. */
  stat(path: string): Promise<Stat | undefined> {
    return new Promise((resolve, reject) => {
      this.client.exists(path, (error, stat: Stat | null) => {
        if (error) reject(new Error(String(error)));
        else resolve(stat ?? undefined);
      });
    });
  }

  async has(path: string): Promise<boolean> {
    return (await this.stat(path)) !== undefined;
  }

  text(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.client.getData(path, (error, data) => {
        if (error) reject(new Error(String(error)));
        else resolve(data.toString());
      });
    });
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.text(path)) as Record<string, unknown>;
  }

  write(path: string, data: string | Buffer): Promise<void> {
    return this.done((settle) => {
      this.client.setData(path, Buffer.from(data), settle);
    });
  }

  create(path: string, data: string | Buffer, ephemeral = false): Promise<void> {
    return this.done((settle) => {
      this.client.create(path, Buffer.from(data), ephemeral ? 1 : 0, settle);
    });
  }

  mkdirs(path: string): Promise<void> {
    return this.done((settle) => {
      this.client.mkdirp(path, settle);
    });
  }

  remove(path: string): Promise<void> {
    return this.done((settle) => {
      this.client.remove(path, settle);
    });
  }

  /** Ends the session, and with it what is ephemeral in it. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.client.once('disconnected', resolve));
    this.client.close();
    await closed;
  }

  private done(begin: (settle: (error: Error | Exception | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      begin((error) => {
        if (error) reject(new Error(String(error)));
        else resolve();
      });
    });
  }
}
