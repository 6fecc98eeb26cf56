import { isIP } from 'node:net';
import { z } from 'zod';
import { LOG_FORMATS, LOG_LEVELS } from '../lib/logger';
import { duration, listenAddress } from './units';

const MAX_PORT = 65_535;

const port = z.int().min(1).max(MAX_PORT);
const ipAddress = z.string().refine((text) => isIP(text) !== 0, 'expected an IP address');
/** coturn reads its configuration line by line: a value that held a newline would be a second line. */
const confValue = z.string().regex(/^[^\r\n]*$/, 'must stand on one line');
const filePath = confValue.min(1);

const coturn = z.strictObject({
  /** false: coturn is run by somebody else; it is measured only. */
  supervise: z.boolean().default(true),
  binary: z.string().min(1).default('turnserver'),
  realm: confValue.min(1).max(127).default('localhost'),
  listeningIp: z.array(ipAddress).min(1).default(['127.0.0.1']),
  listeningPort: port.default(3478),
  tlsListeningPort: port.default(5349),
  relayIp: z.array(ipAddress).default([]),
  externalIp: confValue.optional(),
  minPort: port.default(49_152),
  maxPort: port.default(MAX_PORT),
  cert: filePath.optional(),
  pkey: filePath.optional(),
  /** Unset: allowed where coturn listens on loopback alone, so that a first try on one machine works. */
  allowLoopbackPeers: z.boolean().optional(),
  /** The telnet admin interface; on 127.0.0.1 only. */
  cliPort: port.default(5766),
  /** How long a stop may take to end every session exactly before coturn is terminated all the same. */
  stopTimeout: duration.default(10),
  /** A coturn that neither answers STUN nor sends a heartbeat for this long is killed and started again. */
  unresponsiveAfter: duration.default(15),
  log: z
    .strictObject({
      /** The log is rotated when it is larger, megabytes. */
      maxMegabytes: z.number().positive().default(64),
      /** How many rotated files are kept. */
      keep: z.int().min(0).max(100).default(3),
    })
    .prefault({}),
  /** Any other turnserver.conf key. true: the key alone; an array: one line each. */
  extra: z
    .record(
      z.string().regex(/^[a-z0-9-]+$/, 'expected a turnserver.conf key, such as max-bps'),
      z.union([confValue, z.number(), z.boolean(), z.array(z.union([confValue, z.number()]))]),
    )
    .default({}),
});

const sources = z.strictObject({
  statsdb: z
    .strictObject({
      listenAddress: listenAddress.prefault('127.0.0.1:9643'),
      /** Unset: made at the first start and kept in the data directory. */
      password: z
        .string()
        .min(8)
        .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
        .optional(),
      /** More open allocations than this are refused, and counted; a bound on memory. */
      maxAllocations: z.int().min(1).max(10_000_000).default(2_000_000),
    })
    .prefault({}),
  /** Unset: the log of the coturn that the agent runs. */
  log: z.strictObject({ path: filePath.optional() }).prefault({}),
});

const credentials = z.strictObject({
  /** Unset: made at the first start and kept in the data directory. */
  secret: confValue.min(8).optional(),
  ttl: duration.default(3600),
  maxTtl: duration.default(86_400),
  /** Unset: what coturn listens on. */
  uris: z.array(z.string().regex(/^turns?:/, 'expected turn:host:port or turns:host:port')).default([]),
});

export const configSchema = z
  .strictObject({
    dataDir: filePath.default('./data'),
    log: z
      .strictObject({ level: z.enum(LOG_LEVELS).default('info'), format: z.enum(LOG_FORMATS).default('logfmt') })
      .prefault({}),
    web: z
      .strictObject({ listenAddress: listenAddress.prefault('127.0.0.1:9642'), configFile: filePath.optional() })
      .prefault({}),
    coturn: coturn.prefault({}),
    sources: sources.prefault({}),
    sessions: z
      .strictObject({ linger: duration.default(10), separator: z.string().length(1).default(':') })
      .prefault({}),
    credentials: credentials.prefault({}),
    network: z
      .strictObject({
        devices: z
          .union([z.literal('auto'), z.array(z.string().regex(/^[^\s/]{1,15}$/, 'expected a network device'))])
          .default('auto'),
        capacityMbps: z.union([z.literal('auto'), z.number().positive()]).default('auto'),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    const { minPort, maxPort, cert, pkey } = config.coturn;
    const issue = (path: string[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    if (minPort > maxPort) issue(['coturn', 'minPort'], `must not be above coturn.maxPort (${maxPort})`);
    if ((cert === undefined) !== (pkey === undefined)) {
      issue(
        ['coturn', cert === undefined ? 'cert' : 'pkey'],
        'coturn.cert and coturn.pkey go together: set both or neither',
      );
    }
    if (config.credentials.ttl > config.credentials.maxTtl) {
      issue(['credentials', 'ttl'], `must not be above credentials.maxTtl (${config.credentials.maxTtl} s)`);
    }
  });

/** The whole configuration, checked, with every default filled in. */
export type Config = z.output<typeof configSchema>;
export type CoturnConfig = Config['coturn'];
