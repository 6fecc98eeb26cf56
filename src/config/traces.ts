import { z } from 'zod';

/** `traces`: what OpenTelemetry's own variables (`OTEL_*`) have no word for. */
export const traces = z.strictObject({
  /** Whether the spans of a session say whose it was (`enduser.id`), as its usage record does. */
  userIds: z.boolean().default(true),
});
