import { z } from 'zod';
import { assign } from './assign';
import { rule } from './rules';
import { waitingTime } from './units';

/** Characters of a name in ZooKeeper that mean nothing in a path, a URL or a shell. */
const name = /^(?!\.{1,2}$)[\w.@-]{1,128}$/;
const label = z.string().regex(/^[^\p{C}]{1,64}$/u, 'expected 1 to 64 printable characters');

const NO_PORT = 'expected ports from 1 to 65535';

const registryKeys = z.strictObject({
  /** Servers of one ensemble and, below them, a chroot, as ZooKeeper's own clients write it. */
  zookeeper: z
    .string()
    .regex(
      /^[\w.-]+(:\d{1,5})?(,[\w.-]+(:\d{1,5})?)*(\/[\w.@-]+)*$/,
      'expected host:2181,host2:2181 or host:2181/chroot (an IPv6 address by its name)',
    )
    .refine((text) => !text.split('/').some(isRelative), 'must hold no . or .. in the chroot')
    .refine(hasPossiblePorts, NO_PORT),
  path: z
    .string()
    .regex(/^(\/[\w.@-]+)+$/, 'expected a path such as /turnservers')
    .refine((text) => !text.split('/').some(isRelative), 'must hold no . or ..')
    .default('/turnservers'),
  /** auto: this machine's host name. */
  server: z.string().regex(name, 'expected auto, or 1 to 128 letters, digits and . _ @ -').default('auto'),
  /** Where other programs reach this agent's API. auto: web.listenAddress, or the machine's own address. */
  restAddress: z
    .string()
    .regex(/^(auto|[^\s/]{1,249}:\d{1,5})$/, 'expected auto, or host:port')
    .refine(hasPossiblePorts, NO_PORT)
    .default('auto'),
  region: label.optional(),
  /** Whose clients this relay is for; empty: everybody's. */
  isps: z.array(label).max(64).default([]),
  /** How long after the last sign of life the relay is taken for dead. The ensemble may bound it. */
  sessionTimeout: waitingTime.refine((seconds) => seconds >= 1, 'must be at least 1s').default(10),
  /** An agent that is gone for so long does not come back: another one settles its sessions, in a shared usage.store. */
  settleAfter: waitingTime.default(600),
  /** How far the other relays are: each is sent a STUN Binding once in `every`. */
  roundTrips: z
    .strictObject({
      enabled: z.boolean().default(true),
      every: waitingTime.refine((seconds) => seconds >= 1, 'must be at least 1s').default(10),
    })
    .prefault({}),
  /** Who alone may write there (ZooKeeper's digest scheme); everybody may read. Unset: everybody may write. */
  auth: z
    .string()
    .regex(/^[^\s:]{1,64}:\S{8,256}$/, 'expected user:password, the password of 8 characters or more')
    .meta({ secret: true })
    .optional(),
  /** Which relay a call is sent to. */
  assign: assign.prefault({}),
});

/** `registry`: where the relays of a fleet know of each other. */
export const registry = registryKeys.check(
  rule(['sessionTimeout', 'settleAfter'], ({ sessionTimeout, settleAfter }) =>
    settleAfter <= sessionTimeout
      ? { key: 'settleAfter', message: `must be above registry.sessionTimeout (${sessionTimeout} s)` }
      : undefined,
  ),
);

export type RegistryConfig = z.output<typeof registry>;

/** The sockets of Node.js throw for any other, wherever they are opened. */
function hasPossiblePorts(text: string): boolean {
  return [...text.matchAll(/:(\d{1,5})(?=$|[,/])/g)].every(([, port]) => Number(port) >= 1 && Number(port) <= 65_535);
}

function isRelative(part: string): boolean {
  return part === '.' || part === '..';
}
