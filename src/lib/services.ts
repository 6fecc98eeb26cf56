import type { Clock } from './clock';
import type { Logger } from './logger';

/** Something that runs until it is stopped. After `stop` has resolved nothing of it is left; a stop before a start is no error. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts services in order and stops them in reverse; a service that fails to stop keeps no other from being stopped. */
export class ServiceGroup implements Service {
  readonly name = 'services';
  private readonly started: Service[] = [];

  constructor(
    private readonly services: readonly Service[],
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** How long one service's stop is waited for, milliseconds. */
    private readonly stopDeadlineMs: number,
  ) {}

  /** Throws what the first failing service threw, after those before it have been stopped. */
  async start(): Promise<void> {
    for (const service of this.services) {
      this.started.push(service);
      try {
        await service.start();
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  async stop(): Promise<void> {
    for (let service = this.started.pop(); service; service = this.started.pop()) await this.stopOne(service);
  }

  private async stopOne(service: Service): Promise<void> {
    const timeout = new AbortController();
    const late = this.clock.sleep(this.stopDeadlineMs, timeout.signal).then(
      () => Promise.reject(new Error(`did not stop within ${this.stopDeadlineMs} ms`)),
      () => undefined,
    );
    try {
      await Promise.race([service.stop(), late]);
    } catch (error) {
      this.logger.error({ service: service.name, err: error }, 'a service failed to stop');
    } finally {
      timeout.abort();
    }
  }
}
