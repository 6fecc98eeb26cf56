import { connect, type Channel, type ChannelModel } from 'amqplib';
import { RovRepl } from './rov-repl';

/** What licode's processes say to each other (`common/amqper.js`). */
interface Message {
  readonly method: string;
  readonly args?: unknown;
  readonly corrID: unknown;
  readonly replyTo: string;
}

interface RovMessage {
  readonly action: string;
  readonly id?: number;
  readonly message?: string;
}

type Reply = (data: unknown) => void;

const EXCHANGE = 'rpcExchange';

/** An answer that is never sent. */
export const silent = Symbol('silent');

/** A process of licode on RabbitMQ, with the queue and the exchange that node-amqp 0.2.7 declares. */
abstract class Component {
  /** Everything that it was asked, as it came. */
  readonly calls: Message[] = [];
  /** Changes an answer before it is sent. */
  distort: (data: unknown) => unknown = (data) => data;
  private held: Message[] | undefined;
  private channel: Channel | undefined;

  constructor(
    readonly name: string,
    private readonly queue = name,
  ) {}

  async start(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.assertExchange(EXCHANGE, 'direct', { durable: false, autoDelete: true });
    await channel.assertQueue(this.queue, { durable: false, autoDelete: true });
    await channel.bindQueue(this.queue, EXCHANGE, this.name);
    const take = (message: { content: Buffer } | null): void => {
      if (message) this.take(JSON.parse(message.content.toString()) as Message);
    };
    await channel.consume(this.queue, take, { noAck: true });
    this.channel = channel;
  }

  /** As a process whose event loop is blocked: what comes is taken later. */
  hang(): void {
    this.held ??= [];
  }

  wake(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const message of held) this.take(message);
  }

  /** Its queue goes with it. */
  async leave(): Promise<void> {
    await this.channel?.close();
    this.channel = undefined;
  }

  /** Sends anything to any queue. */
  say(to: string, body: Buffer): void {
    this.channel?.publish(EXCHANGE, to, body, { contentType: 'application/json' });
  }

  protected abstract call(message: Message, reply: Reply): void;

  private take(message: Message): void {
    if (this.held) {
      this.held.push(message);
      return;
    }
    this.calls.push(message);
    this.call(message, (honest) => {
      const data = this.distort(honest);
      if (data === silent) return;
      this.say(message.replyTo, Buffer.from(JSON.stringify({ data, corrID: message.corrID, type: 'callback' })));
    });
  }
}

/** `nuveAPI/rpc/rpcPublic.js`. */
export class Nuve extends Component {
  constructor(private readonly controllers: () => unknown) {
    super('nuve', 'nuveQueue');
  }

  protected call({ method }: Message, reply: Reply): void {
    if (method === 'getErizoControllers') reply(this.controllers());
  }
}

/** A controller, an agent or an erizoJS: `common/ROV/rovReplManager.js`, with a real REPL. */
export class RovComponent extends Component {
  opened = 0;
  closed = 0;
  /** Everything that was typed into its REPLs. */
  readonly commands: string[] = [];
  private readonly repls = new Map<number, RovRepl>();

  constructor(
    name: string,
    private readonly context: object,
  ) {
    super(name);
  }

  override async leave(): Promise<void> {
    for (const repl of this.repls.values()) repl.close();
    this.repls.clear();
    await super.leave();
  }

  protected call({ method, args }: Message, reply: Reply): void {
    if (method !== 'rovMessage') return;
    const [{ action, id = 0, message = '' }] = args as [RovMessage];
    if (action === 'open') reply(this.open());
    if (action === 'close') reply(this.close(id));
    if (action === 'command') this.command(id, message, reply);
  }

  private open(): number {
    const id = ++this.opened;
    this.repls.set(id, new RovRepl(this.context));
    return id;
  }

  private close(id: number): boolean {
    const repl = this.repls.get(id);
    if (!repl) return false;
    this.closed++;
    repl.close();
    return this.repls.delete(id);
  }

  private command(id: number, message: string, reply: Reply): void {
    this.commands.push(message);
    this.repls.get(id)?.type(message, reply);
  }
}

/** Processes on one RabbitMQ that know each other. */
export class RovCluster {
  private connection: ChannelModel | undefined;

  constructor(
    readonly nuve: Nuve,
    readonly components: readonly RovComponent[],
  ) {}

  async start(url: string): Promise<void> {
    const connection = await connect(url);
    connection.on('error', () => undefined);
    this.connection = connection;
    for (const component of [...this.components, this.nuve]) await component.start(connection);
  }

  /** Throws nothing when RabbitMQ is gone already. */
  async stop(): Promise<void> {
    const all = [...this.components, this.nuve];
    await Promise.allSettled(all.map((component) => component.leave()));
    await this.connection?.close().catch(() => undefined);
    this.connection = undefined;
  }

  named(name: string): RovComponent {
    const found = this.components.find((component) => component.name === name);
    if (!found) throw new Error(`no component ${name}`);
    return found;
  }
}
