import type { TraceFigures } from '../collectors/traces';
import type { CredentialIssuer } from '../credentials/issuer';
import type { Service } from '../lib/services';
import { CredentialLinks, credentialId } from '../tracing/credential-links';
import { SessionTraces } from '../tracing/session-traces';
import type { Tracing } from '../tracing/tracing';
import type { FactListener } from '../turn/fact';
import type { Relay } from '../turn/relay';
import type { UsageRecord } from '../turn/usage-record';
import type { Context } from './context';

/** What is traced beside the work of the agent itself. */
export interface Traces {
  readonly sessions: SessionTraces;
  readonly credentials: CredentialLinks;
  readonly figures: TraceFigures;
}

/** Undefined while traces are off. */
export function createTraces({ config, tracing, clock }: Context, relay: () => Relay): Traces | undefined {
  if (!tracing) return undefined;
  const credentials = new CredentialLinks();
  const sessions = new SessionTraces({
    tracing,
    credentials,
    userIds: config.traces.userIds,
    wallClock: (at) => at + clock.now() - clock.monotonic(),
    onTraced: ({ realm, durationSeconds }: UsageRecord, root) => {
      const totals = relay().totals.realms.find((one) => one.realm === realm);
      totals?.sessionSeconds.note({ value: durationSeconds, at: clock.now(), ...root });
    },
  });
  const figures = { counts: () => tracing.counts(), untracedAllocations: () => sessions.dropped };
  return { sessions, credentials, figures };
}

/** What the relay need not tell while traces are off. */
export function allocationFacts(traces: Traces | undefined): FactListener {
  if (!traces) return {};
  const { sessions } = traces;
  return {
    allocationRefreshed: (id, at) => {
      sessions.allocationRefreshed(id, at);
    },
    allocationRelaying: (id, at) => {
      sessions.allocationRelaying(id, at);
    },
    allocationClosed: (allocation) => {
      sessions.allocationClosed(allocation);
    },
  };
}

/** Remembers which request each credential is issued to. A long-term user is everybody's, and says nothing. */
export function linkedIssuer(issuer: CredentialIssuer, context: Context, traces: Traces | undefined): CredentialIssuer {
  const { config, tracing, clock } = context;
  if (!tracing || !traces || config.credentials.mode === 'user') return issuer;
  const admit: CredentialIssuer['admit'] = (request) => {
    const make = issuer.admit(request);
    return (uris) => {
      const issued = make(uris);
      noteIssued(tracing, traces.credentials, issued, clock.now());
      return issued;
    };
  };
  return { ...issuer, admit, issue: (request) => admit(request)() };
}

function noteIssued(
  tracing: Tracing,
  credentials: CredentialLinks,
  { username, expiresAt }: { username: string; expiresAt: string },
  now: number,
): void {
  tracing.annotate({ 'turnkeeper.credential.id': credentialId(username) });
  const span = tracing.current();
  if (span) credentials.remember(username, { span, caller: tracing.caller() }, Date.parse(expiresAt), now);
}

/** The last to stop: it sends what the others did while they stopped. */
export function tracingService({ tracing }: Context): Service[] {
  if (!tracing) return [];
  return [{ name: 'traces', start: () => Promise.resolve(), stop: () => tracing.stop() }];
}
