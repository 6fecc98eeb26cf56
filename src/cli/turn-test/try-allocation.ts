import { randomBytes } from 'node:crypto';
import { formatListenAddress } from '../../config/units';
import { TRANSACTION_ID_BYTES, type StunMessage } from '../../turn/stun-message';
import { answerChallenge, type LongTermLogin, type UserAndPassword } from './long-term-login';
import type { StunConnection } from './stun-connection';
import type { AllocationOutcome } from './test-result';
import { TurnFailure } from './turn-failure';
import { allocateRequest, errorOf, lifetimeOf, relayedAddressOf, releaseRequest } from './turn-message';

/** RFC 8489 section 14.8. */
const UNAUTHENTICATED = 401;
const STALE_NONCE = 438;

/** Gets an allocation and gives it back. Rejects with TurnFailure where no answer came. */
export async function tryAllocation(
  connection: StunConnection,
  credential: UserAndPassword,
): Promise<AllocationOutcome> {
  const challenge = await connection.ask(allocateRequest(transactionId()));
  if (challenge.class === 'success') return granted(connection, challenge, undefined);
  const login = answerChallenge(challenge, credential);
  if (!login || errorOf(challenge)?.code !== UNAUTHENTICATED) return refused(challenge, login?.realm);
  const answer = await connection.ask(allocateRequest(transactionId()), login);
  const renewed = errorOf(answer)?.code === STALE_NONCE ? answerChallenge(answer, credential) : undefined;
  if (!renewed) return settle(connection, answer, login);
  return settle(connection, await connection.ask(allocateRequest(transactionId()), renewed), renewed);
}

function settle(
  connection: StunConnection,
  answer: StunMessage,
  login: LongTermLogin,
): AllocationOutcome | Promise<AllocationOutcome> {
  return answer.class === 'success' ? granted(connection, answer, login) : refused(answer, login.realm);
}

async function granted(
  connection: StunConnection,
  answer: StunMessage,
  login: LongTermLogin | undefined,
): Promise<AllocationOutcome> {
  const relayed = relayedAddressOf(answer);
  const lifetimeSeconds = lifetimeOf(answer);
  const givenBack = await release(connection, login);
  if (!relayed || lifetimeSeconds === undefined) throw new TurnFailure('garbled');
  const relayedAddress = formatListenAddress(relayed);
  return { outcome: 'granted', realm: login?.realm, relayedAddress, lifetimeSeconds, givenBack };
}

/** A server that does not take it back lets it expire. */
async function release(connection: StunConnection, login: LongTermLogin | undefined): Promise<boolean> {
  try {
    return (await connection.ask(releaseRequest(transactionId()), login)).class === 'success';
  } catch (error) {
    if (error instanceof TurnFailure) return false;
    throw error;
  }
}

function refused(answer: StunMessage, realm: string | undefined): AllocationOutcome {
  const error = errorOf(answer);
  if (!error) throw new TurnFailure('garbled');
  return { outcome: 'refused', realm, ...error };
}

function transactionId(): Buffer {
  return randomBytes(TRANSACTION_ID_BYTES);
}
