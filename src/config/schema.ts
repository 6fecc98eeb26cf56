import { isIP } from 'node:net';
import { z } from 'zod';
import { LOG_FORMATS, LOG_LEVELS } from '../lib/logger';
import { isLoopbackHost } from '../lib/loopback';
import { credentials } from './credentials';
import { digest } from './digest';
import { licode } from './licode';
import { redis } from './redis';
import { registry } from './registry';
import { reports } from './reports';
import { apiKeys, HOW_TO_MAKE_A_KEY } from './api-keys';
import { metricsPage, PAGE_OF_ANOTHER } from './metrics-page';
import { origin } from './origin';
import { traces } from './traces';
import { rule } from './rules';
import { secret } from './secret-text';
import { formatListenAddress, lifetime, listenAddress, waitingTime } from './units';

const MAX_PORT = 65_535;
const EXPECTED_PORT = `expected a port from 1 to ${MAX_PORT}`;
const EXPECTED_EXTRA = 'expected a text on one line, a number, true or false, or a list of texts and numbers';

const port = z.int(EXPECTED_PORT).min(1, EXPECTED_PORT).max(MAX_PORT, EXPECTED_PORT);
const ipAddress = z.string().refine((text) => isIP(text) !== 0, 'expected an IP address');
/** coturn reads its configuration line by line: a value that held a newline would be a second line. */
const confValue = z.string().regex(/^[^\r\n]*$/, 'must stand on one line');
const filePath = confValue.min(1);
const coturnKeys = z.strictObject({
  /** false: coturn is run by somebody else; it is measured only. */
  supervise: z.boolean().default(true),
  binary: z.string().min(1).default('turnserver'),
  realm: confValue.min(1).max(127).default('localhost'),
  listeningIp: z.array(ipAddress).min(1).default(['127.0.0.1']),
  listeningPort: port.default(3478),
  tlsListeningPort: port.default(5349),
  relayIp: z.array(ipAddress).default([]),
  externalIp: z
    .string()
    .refine(
      (text) => text.split('/').length <= 2 && text.split('/').every((part) => isIP(part) !== 0),
      'expected an IP address, or public-address/private-address',
    )
    .optional(),
  minPort: port.default(49_152),
  maxPort: port.default(MAX_PORT),
  cert: filePath.optional(),
  pkey: filePath.optional(),
  /** Unset: allowed where coturn listens on loopback alone, so that a first try on one machine works. */
  allowLoopbackPeers: z.boolean().optional(),
  /** The telnet admin interface; on 127.0.0.1 only. */
  cliPort: port.default(5766),
  /** coturn's own Prometheus page, where it has one; on 127.0.0.1 only. */
  metricsPort: port.default(9641),
  /** How long a stop may take to end every session exactly before coturn is terminated all the same. */
  stopTimeout: waitingTime.default(10),
  /** A coturn that neither answers STUN nor sends a heartbeat for this long is killed and started again. */
  unresponsiveAfter: waitingTime.default(15),
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
      z.union([confValue, z.number(), z.boolean(), z.array(z.union([confValue, z.number()]))], EXPECTED_EXTRA),
    )
    .default({}),
});

const coturn = coturnKeys.check(
  rule(['minPort', 'maxPort'], ({ minPort, maxPort }) =>
    minPort > maxPort ? { key: 'minPort', message: `must not be above coturn.maxPort (${maxPort})` } : undefined,
  ),
  rule(['listeningPort', 'tlsListeningPort'], ({ listeningPort, tlsListeningPort }) =>
    listeningPort === tlsListeningPort
      ? { key: 'tlsListeningPort', message: 'must differ from coturn.listeningPort' }
      : undefined,
  ),
  rule(['cliPort', 'metricsPort'], ({ cliPort, metricsPort }) =>
    cliPort === metricsPort ? { key: 'metricsPort', message: 'must differ from coturn.cliPort' } : undefined,
  ),
  rule(['cert', 'pkey'], ({ cert, pkey }) =>
    cert !== undefined && pkey === undefined ? { key: 'cert', message: 'needs coturn.pkey as well' } : undefined,
  ),
  rule(['cert', 'pkey'], ({ cert, pkey }) =>
    pkey !== undefined && cert === undefined ? { key: 'pkey', message: 'needs coturn.cert as well' } : undefined,
  ),
);

const STATSDB_ADDRESS = '127.0.0.1:9643';

const sourceKeys = z.strictObject({
  statsdb: z
    .strictObject({
      listenAddress: listenAddress.prefault(STATSDB_ADDRESS),
      /** Unset: made at the first start and kept in the data directory. */
      password: secret.optional(),
      /** More open allocations than this are refused, and counted; a bound on memory. */
      maxAllocations: z.int().min(1).max(10_000_000).default(2_000_000),
    })
    .prefault({}),
  /** A Redis that coturns which somebody else runs write to; instead of statsdb. */
  redis: redis.optional(),
  metrics: metricsPage,
  /** Unset: the log of the coturn that the agent runs. */
  log: z.strictObject({ path: filePath.optional() }).prefault({}),
});

const sources = sourceKeys.check(
  rule(['statsdb', 'redis'], ({ statsdb, redis: other }) =>
    other && formatListenAddress(statsdb.listenAddress) !== STATSDB_ADDRESS
      ? { key: 'statsdb', message: 'can not be used beside sources.redis: what one server tells would count twice' }
      : undefined,
  ),
);

const sections = z.strictObject({
  dataDir: filePath.default('./data'),
  log: z
    .strictObject({ level: z.enum(LOG_LEVELS).default('info'), format: z.enum(LOG_FORMATS).default('logfmt') })
    .prefault({}),
  web: z
    .strictObject({
      listenAddress: listenAddress.prefault('127.0.0.1:9642'),
      configFile: filePath.optional(),
      /** Keys may come from other machines without TLS, and credentials go to them. */
      allowPlaintext: z.boolean().default(false),
      /** Pages of these origins may ask for credentials from a browser; with a key, as everybody else. */
      cors: z.array(origin).max(100).default([]),
    })
    .prefault({}),
  keys: apiKeys,
  coturn: coturn.prefault({}),
  sources: sources.prefault({}),
  sessions: z
    .strictObject({
      linger: waitingTime.default(10),
      separator: z.string().regex(/^\S$/, 'expected one character').default(':'),
    })
    .prefault({}),
  usage: z
    .strictObject({
      /** `sqlite`: in the data directory. A PostgreSQL URL is shared by many agents; it holds a password. */
      store: z
        .string()
        .refine(
          (text) => text === 'sqlite' || /^postgres(ql)?:\/\/\S+$/.test(text),
          'expected sqlite, or a URL such as postgres://user:password@host:5432/database',
        )
        .meta({ secret: true })
        .default('sqlite'),
      /** Records older than this are deleted. */
      retention: lifetime.default(400 * 86_400),
    })
    .prefault({}),
  credentials: credentials.prefault({}),
  /** How long the sessions of a relay that is taken out of service may go on; 0: not at all. */
  drain: z.strictObject({ deadline: waitingTime.default(3600) }).prefault({}),
  traces: traces.prefault({}),
  licode: licode.optional(),
  reports: reports.prefault({}),
  /** Unset: nobody is told which sessions ended abnormally. */
  digest: digest.optional(),
  /** Unset: this relay stands alone. */
  registry: registry.optional(),
  network: z
    .strictObject({
      devices: z
        .union(
          [z.literal('auto'), z.array(z.string().regex(/^[^\s/]{1,15}$/))],
          'expected auto or a list of network devices such as eth0',
        )
        .default('auto'),
      capacityMbps: z
        .union([z.literal('auto'), z.number().positive()], 'expected auto or a number above 0')
        .default('auto'),
    })
    .prefault({}),
});

export const configSchema = sections.check(
  rule(['coturn', 'sources'], ({ coturn, sources }) =>
    coturn.supervise && sources.metrics.url !== undefined ? { key: 'sources', message: PAGE_OF_ANOTHER } : undefined,
  ),
  rule(['coturn', 'sources'], ({ coturn: { supervise }, sources: { redis: other } }) =>
    supervise && other
      ? {
          key: 'sources',
          message:
            'redis is for a coturn that somebody else runs (coturn.supervise: false): the one that the agent runs tells the agent itself, and nothing is lost on the way',
        }
      : undefined,
  ),
  rule(['coturn', 'credentials'], ({ coturn: { supervise, extra }, credentials: { mode } }) =>
    mode === 'user' && !supervise && !Object.keys(extra).some((key) => key.endsWith('userdb'))
      ? {
          key: 'credentials',
          message:
            'mode user makes users in the database of a coturn that somebody else runs: name it in coturn.extra, as in its turnserver.conf (userdb, psql-userdb, redis-userdb, ...)',
        }
      : undefined,
  ),
  rule(['web', 'keys'], ({ web, keys }) => {
    if (keys.length > 0 || isLoopbackHost(web.listenAddress.host)) return undefined;
    const where = formatListenAddress(web.listenAddress);
    return {
      key: 'keys',
      message: `needs a key, since others can reach web.listenAddress ${where}: ${HOW_TO_MAKE_A_KEY}`,
    };
  }),
);

/** The whole configuration, checked, with every default filled in. */
export type Config = z.output<typeof configSchema>;
export type CoturnConfig = Config['coturn'];
