import { z } from 'zod';
import { waitingTime } from './units';

/** `licode`: the RabbitMQ over which licode, or a signalling server that descends from it, is asked. */
export const licode = z.strictObject({
  amqp: z.string().refine(isBrokerUrl, 'expected a URL such as amqp://user:password@host:5672').meta({ secret: true }),
  /** Before the names that the original exporters gave. */
  prefix: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/, 'expected the beginning of a metric name, such as mediasoup_')
    .default('mediasoup_'),
  flavour: z.enum(['licode', 'mediasoup']).default('mediasoup'),
  /** How often they are asked. */
  interval: waitingTime.refine((seconds) => seconds >= 0.1, 'must be at least 100ms').default(20),
});

/** Also whether there can be such a port. */
function isBrokerUrl(text: string): boolean {
  return /^amqps?:\/\/\S+$/.test(text) && URL.canParse(text) && new URL(text).hostname !== '';
}
