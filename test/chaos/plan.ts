import type { ClientTransport } from '../support/turn-carrier';
import type { MOMENTARY } from './fault';
import { endOf, LASTING, subjectsOf, type Fault, type FaultKind, type LastingKind, type Subject } from './fault';
import { Random } from './random';

/** How a client is done: it gives its allocations back, closes its connections, or lets them expire. */
export type Farewell = 'refresh' | 'close' | 'expire';

/** What one client does; it has a user name of its own and is one session. Times: milliseconds. */
export interface ClientPlan {
  readonly name: string;
  /** After the start of the run. */
  readonly startMs: number;
  readonly transport: ClientTransport;
  readonly allocations: number;
  /** How many of them it sends data over. */
  readonly relaying: number;
  readonly framing: 'channel' | 'indication';
  /** By each allocation that relays. */
  readonly packetsPerSecond: number;
  readonly payloadBytes: number;
  readonly lifeMs: number;
  readonly farewell: Farewell;
}

export interface Plan {
  readonly seed: number;
  readonly seconds: number;
  readonly clients: readonly ClientPlan[];
  readonly faults: readonly Fault[];
}

/** Every kind comes once before any comes again. */
const KINDS = [...(Object.keys(LASTING) as LastingKind[]), 'coturn-killed', 'stats-cut', 'clock-stepped'] as const;
const FAULT_EVERY_MS = 5_000;
/** Between two faults of one subject. */
const RESPITE_MS = 2_500;
const LEAST_FOR_MS = 300;
const HOUR_MS = 3_600_000;

/** Who does what when, and what befalls whom: a function of its arguments alone. */
export function makePlan(seed: number, seconds: number, clients: number): Plan {
  const random = new Random(seed);
  return {
    seed,
    seconds,
    clients: Array.from({ length: clients }, (_, i) => planClient(random, i + 1, seconds * 1000)).sort(
      (a, b) => a.startMs - b.startMs,
    ),
    faults: planFaults(random, seconds * 1000),
  };
}

function planClient(random: Random, number: number, lengthMs: number): ClientPlan {
  const allocations = random.between(1, 4);
  const transport = random.pick<ClientTransport>(['udp', 'tcp']);
  // A few send enough for coturn's reports at each 4096 packets of an allocation.
  const isBusy = random.chance(0.15);
  return {
    name: `c${String(number).padStart(3, '0')}`,
    startMs: random.between(0, lengthMs),
    transport,
    allocations,
    relaying: random.chance(0.12) ? 0 : random.between(1, allocations),
    framing: random.pick(['channel', 'indication']),
    packetsPerSecond: isBusy ? random.between(150, 250) : random.between(5, 40),
    payloadBytes: random.between(1, isBusy ? 300 : 1100),
    lifeMs: isBusy ? random.between(8_000, 16_000) : Math.round(300 * (1 + 39 * random.next() ** 2)),
    farewell: random.pick(
      transport === 'tcp' ? ['refresh', 'close', 'expire', 'close'] : ['refresh', 'refresh', 'expire'],
    ),
  };
}

function planFaults(random: Random, lengthMs: number): Fault[] {
  const count = Math.max(1, Math.floor(lengthMs / FAULT_EVERY_MS));
  const free: Partial<Record<Subject, number>> = {};
  const faults: Fault[] = [];
  for (const [i, kind] of bag(random, count).entries()) {
    const wished = ((i + 0.5 + random.next()) / (count + 1)) * lengthMs;
    const subjects = subjectsOf(kind);
    const fault = planFault(random, kind, Math.round(Math.max(wished, ...subjects.map((name) => free[name] ?? 0))));
    for (const name of subjects) free[name] = endOf(fault) + RESPITE_MS;
    faults.push(fault);
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function bag(random: Random, count: number): FaultKind[] {
  const kinds: FaultKind[] = [];
  while (kinds.length < count) kinds.push(...random.shuffled(KINDS));
  return kinds.slice(0, count);
}

function planFault(random: Random, kind: FaultKind, atMs: number): Fault {
  if (kind === 'clock-stepped') {
    const byMs = Math.round((random.chance(0.5) ? 1 : -1) * random.pick([1500, 60_000, HOUR_MS, 26 * HOUR_MS]));
    return { kind, atMs, byMs };
  }
  if (isLasting(kind)) return { kind, atMs, forMs: random.between(LEAST_FOR_MS, LASTING[kind].mostMs) };
  return { kind, atMs };
}

function isLasting(kind: keyof typeof LASTING | keyof typeof MOMENTARY): kind is LastingKind {
  return kind in LASTING;
}
