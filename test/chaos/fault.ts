/** What a fault is done to: one thing suffers one fault at a time. */
export type Subject = 'agent' | 'coturn' | 'database' | 'stats' | 'disk' | 'clock';

/** Faults that last, and what they are. */
export const LASTING = {
  'agent-killed': { subject: 'agent', what: 'agent killed (SIGKILL)', mostMs: 5_000 },
  'agent-stopped': { subject: 'agent', what: 'agent and coturn stopped (SIGTERM)', mostMs: 3_000 },
  'agent-released': { subject: 'agent', what: 'agent stopped, coturn left running (SIGUSR2)', mostMs: 5_000 },
  'agent-frozen': { subject: 'agent', what: 'agent frozen (SIGSTOP)', mostMs: 6_000 },
  'both-killed': { subject: 'agent', what: 'agent killed, and then coturn (SIGKILL)', mostMs: 5_000 },
  'database-stopped': { subject: 'database', what: 'PostgreSQL stopped (SIGINT)', mostMs: 8_000 },
  'database-killed': { subject: 'database', what: 'PostgreSQL broken off (SIGQUIT)', mostMs: 4_000 },
  'stats-refused': { subject: 'stats', what: 'stats connections cut, new ones refused', mostMs: 8_000 },
  'stats-stalled': { subject: 'stats', what: 'stats connections stalled, then cut', mostMs: 6_000 },
  'stats-torn': { subject: 'stats', what: 'stats connections break within a message', mostMs: 5_000 },
  'disk-full': { subject: 'disk', what: 'disk full', mostMs: 6_000 },
} as const satisfies Record<string, { subject: Subject; what: string; mostMs: number }>;

export const MOMENTARY = {
  'coturn-killed': { subject: 'coturn', what: 'coturn killed (SIGKILL)' },
  'stats-cut': { subject: 'stats', what: 'stats connections cut' },
} as const satisfies Record<string, { subject: Subject; what: string }>;

export type LastingKind = keyof typeof LASTING;
export type MomentaryKind = keyof typeof MOMENTARY;
export type FaultKind = LastingKind | MomentaryKind | 'clock-stepped';

/** Times are milliseconds since the start of the run. */
export type Fault = { readonly atMs: number } & (
  | { readonly kind: LastingKind; readonly forMs: number }
  | { readonly kind: MomentaryKind }
  | { readonly kind: 'clock-stepped'; readonly byMs: number }
);

/**
 * What has to be well before such a fault, and is left alone while it lasts. With the disk full and the agent gone
 * nobody is left whom coturn could tell anything: that alone is not asked of it.
 */
export function subjectsOf(kind: FaultKind): readonly Subject[] {
  if (kind === 'clock-stepped') return ['clock'];
  if (kind === 'disk-full') return ['disk', 'agent', 'stats'];
  return [kind in LASTING ? LASTING[kind as LastingKind].subject : MOMENTARY[kind as MomentaryKind].subject];
}

/** When the subject is as it was before. */
export function endOf(fault: Fault): number {
  return fault.atMs + ('forMs' in fault ? fault.forMs : 0);
}

export function describeFault(fault: Fault): string {
  if (fault.kind === 'clock-stepped') {
    return `the agent's wall clock is set ${inSeconds(Math.abs(fault.byMs))} ${fault.byMs < 0 ? 'back' : 'ahead'}`;
  }
  if (!('forMs' in fault)) return MOMENTARY[fault.kind].what;
  return `${LASTING[fault.kind].what} for ${inSeconds(fault.forMs)}`;
}

/** `12.3 s` */
export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
