import type { CoturnState } from './server';

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** Whether clients can be sent to this relay, and if not, why. */
export function readinessOf(state: CoturnState): Readiness {
  return state.kind === 'up' ? { ready: true } : { ready: false, reason: sentenceOf(state) };
}

/** What coturn does, in a sentence for people. */
export function sentenceOf(state: CoturnState): string {
  switch (state.kind) {
    case 'starting':
      return 'coturn is being started';
    case 'absent':
      return 'no coturn answers, and somebody else has to start it (coturn.supervise is false)';
    case 'up':
      return `coturn ${state.life.version} answers since ${time(state.life.startedAt)}`;
    case 'draining':
      return state.before === 'stop'
        ? 'coturn takes no new allocations: its sessions are being ended'
        : 'this relay is being drained: it takes no new clients (turnkeeper drain --undo ends that)';
    case 'silent':
      return `coturn does not answer STUN since ${time(state.since)}`;
    case 'restarting':
      return [
        `coturn is not running (start ${state.failures} is due at ${time(state.at)}): ${state.message}`,
        ...state.lastLines.map((line) => `  ${line}`),
      ].join('\n');
    case 'stopped':
      return 'coturn is stopped';
  }
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
