import { z } from 'zod';
import { wordList } from './query';
import { sessionAnswer } from './sessions-schema';
import { recordAnswer } from './usage-schema';

const EVENT_TYPES = ['session_opened', 'session_closed', 'health'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const eventsQuery = z.strictObject({
  types: wordList(EVENT_TYPES)
    .default([...EVENT_TYPES])
    .describe('only events of these types'),
});

const healthAnswer = z
  .object({
    ready: z.boolean().describe('whether the relay can be used'),
    coturn: z.string().describe('a sentence about coturn'),
  })
  .meta({ id: 'Health' });

/** The `data` of each type of event. */
export const EVENT_DATA = {
  session_opened: sessionAnswer,
  session_closed: recordAnswer,
  health: healthAnswer,
} satisfies Record<EventType, z.ZodType>;
