import type { FeedEvent } from '../../usage/usage-feed';
import { recordJson, sessionJson } from './json';

/** What holds a quiet connection open through proxies: a comment, which clients pass over. */
export const HEARTBEAT = ':\n\n';

/** An event in the text/event-stream format (HTML, "Server-sent events"). JSON has no line breaks, so it is one line. */
export function eventText(event: FeedEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(dataOf(event))}\n\n`;
}

function dataOf(event: FeedEvent): unknown {
  switch (event.type) {
    case 'session_opened':
      return sessionJson(event.data);
    case 'session_closed':
      return recordJson(event.data);
    case 'health':
      return event.data;
  }
}
