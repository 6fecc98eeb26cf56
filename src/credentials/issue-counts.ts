import { UserError, type ErrorCode } from '../lib/errors';
import { Histogram } from '../turn/histogram';

/**
 * `user`, `ttl`, `label`: what was asked for can't be; `request`: it made no sense; `forbidden`: no key, or not the
 * scope; `blocked`: the user's credentials were revoked; `limit`: a limit or quota; `unavailable`: coturn takes none yet.
 */
const REASONS = ['user', 'ttl', 'label', 'request', 'forbidden', 'blocked', 'limit', 'unavailable'] as const;
type Reason = (typeof REASONS)[number];

const BY_CODE: Partial<Record<ErrorCode, Reason>> = {
  forbidden: 'blocked',
  too_many: 'limit',
  unavailable: 'unavailable',
};
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export interface IssueCounts {
  readonly issued: { rest: number; user: number };
  readonly rejected: Record<Reason, number>;
  /** Users whose credentials were revoked. */
  revoked: number;
  /** Seconds that answers took. */
  readonly duration: Histogram;
  /** Counts what it throws. */
  refused<T>(work: () => T): T;
}

export function createIssueCounts(): IssueCounts {
  const rejected = Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Record<Reason, number>;
  return {
    issued: { rest: 0, user: 0 },
    rejected,
    revoked: 0,
    duration: new Histogram(SECONDS),
    refused(work) {
      try {
        return work();
      } catch (error) {
        const reason = error instanceof UserError ? BY_CODE[error.code] : undefined;
        if (reason) rejected[reason]++;
        throw error;
      }
    },
  };
}
