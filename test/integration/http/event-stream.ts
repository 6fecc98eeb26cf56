import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { HttpServer } from '../../../src/http/server';
import { eventually } from '../../support/eventually';

/** An event as it was sent, its data still as a text. */
export interface SentEvent {
  readonly event: string;
  readonly data: string;
}

/** A client of /v1/events, which reads the text/event-stream format by itself. */
export class EventStream {
  readonly events: SentEvent[] = [];
  comments = 0;
  /** Whether the server ended the answer, rather than breaking it off. */
  isComplete = false;
  private rest = '';

  private constructor(
    readonly answer: IncomingMessage,
    readonly leave: () => void,
  ) {
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      this.read(text);
    });
    answer.on('end', () => (this.isComplete = true));
    answer.on('error', () => undefined);
  }

  /** Resolves once the server has answered, with whatever status. */
  static async open(server: HttpServer, query = ''): Promise<EventStream> {
    const asked = request(`${server.url()}/v1/events${query}`, { agent: false });
    asked.on('error', () => undefined);
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return new EventStream(answer, () => asked.destroy());
  }

  /** Waits until so many events have come; throws where they don't. */
  async receive(count: number): Promise<readonly SentEvent[]> {
    await eventually(`${count} events`, () => this.events.length >= count);
    return this.events;
  }

  private read(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) this.comments++;
      else this.events.push(eventOf(block));
    }
  }
}

function eventOf(block: string): SentEvent {
  const match = /^event: (\w+)\ndata: ([^\r\n]+)$/.exec(block);
  if (!match) throw new Error(`not an event: ${block}`);
  return { event: match[1] ?? '', data: match[2] ?? '' };
}
