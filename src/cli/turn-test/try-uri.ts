import { lookup } from 'node:dns/promises';
import { formatListenAddress } from '../../config/units';
import { messageOf, systemCode } from '../../lib/errors';
import type { Clock } from '../../lib/clock';
import type { UserAndPassword } from './long-term-login';
import { PATIENCE_MS, StunConnection } from './stun-connection';
import type { TestResult } from './test-result';
import { tryAllocation } from './try-allocation';
import { TurnFailure } from './turn-failure';
import { parseTurnUri, type TurnTarget } from '../../turn/turn-uri';

export interface TryOptions {
  readonly credential: UserAndPassword;
  /** Whether the certificate of a `turns:` server is checked. */
  readonly verifies: boolean;
  readonly clock: Clock;
}

/** Uses a credential for real at one TURN URI. Takes at most six times `PATIENCE_MS`, whatever the server does. */
export async function tryUri(uri: string, options: TryOptions): Promise<TestResult> {
  const parsed = parseTurnUri(uri);
  if (parsed.kind === 'untested') return { uri, outcome: 'untested', detail: parsed.why };
  const { target } = parsed;
  const looked = await settled(addressOf(target.host, options.clock));
  if (looked instanceof TurnFailure) return { uri, outcome: looked.kind, detail: looked.detail };
  const result = await settled(tryServer(target, looked, options));
  const address = formatListenAddress({ host: looked, port: target.port });
  if (result instanceof TurnFailure) return { uri, address, outcome: result.kind, detail: result.detail };
  return { uri, address, ...result };
}

async function tryServer(target: TurnTarget, address: string, { credential, verifies, clock }: TryOptions) {
  const connection = await StunConnection.open({ ...target, address, verifies }, clock);
  try {
    return await tryAllocation(connection, credential);
  } finally {
    connection.close();
  }
}

/** The address that the machine prefers (RFC 6724). Rejects with TurnFailure; the resolver itself can't be stopped. */
async function addressOf(host: string, clock: Clock): Promise<string> {
  const over = new AbortController();
  const late = clock.sleep(PATIENCE_MS, over.signal).then(() => Promise.reject(new Error('the resolver is silent')));
  try {
    return (await Promise.race([lookup(host), late])).address;
  } catch (error) {
    throw new TurnFailure('unresolved', systemCode(error) ?? messageOf(error));
  } finally {
    over.abort();
  }
}

/** A failure as a value; what is a defect goes on as it is. */
async function settled<T>(task: Promise<T>): Promise<T | TurnFailure> {
  try {
    return await task;
  } catch (error) {
    if (error instanceof TurnFailure) return error;
    throw error;
  }
}
