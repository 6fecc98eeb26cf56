import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/schema';
import { secretsFile } from '../config/secret-store';
import { Admission, type UserUsage } from '../credentials/admission';
import { createAuditLog, type AuditLog } from '../credentials/audit-log';
import { BlockedUsers } from '../credentials/blocked-users';
import { createRestIssuer, type CredentialIssuer } from '../credentials/issuer';
import { ownerOf } from '../credentials/label';
import { RingFile } from '../credentials/ring-file';
import { Revoker } from '../credentials/revocation';
import { Rotation } from '../credentials/rotation';
import { secretTable, userTable } from '../credentials/tables';
import { TurnAdmin } from '../credentials/turn-admin';
import { fingerprintOf } from '../credentials/user-fingerprint';
import type { UserAllocations } from '../credentials/user-allocations';
import { userDatabase } from '../credentials/user-database';
import { createUserIssuer, longTermUser, makeLongTermUser, type LongTermUser } from '../credentials/user-issuer';
import type { Drain } from '../drain/drain';
import type { Fleet } from '../fleet/fleet';
import type { CredentialCalls } from '../http/credentials';
import { UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { makeSecret } from '../lib/make-secret';
import { modifiedAt } from '../lib/modified-at';
import type { Service } from '../lib/services';
import { UsageToday } from '../usage/usage-today';
import type { Context } from './context';
import type { State } from './state';
import { linkedIssuer } from './traces';

/** What makes credentials. */
export interface Credentials {
  readonly issuer: CredentialIssuer;
  readonly blocked: BlockedUsers;
  readonly audit: AuditLog;
  /** Undefined where the configuration gives the secret. */
  readonly rotation: Pick<Rotation<unknown>, 'rotate' | 'madeAt'> | undefined;
  /** Whether it is a long-term user that the agent hands out. */
  readonly isLongTermUser: (name: string) => boolean;
  /** In the order in which they start. */
  readonly services: readonly Service[];
}

/** Whether the agent keeps what coturn accepts in coturn's user database, and renews it there. */
export function rotates({ coturn, credentials }: Config): boolean {
  if (credentials.mode === 'user') return true;
  const hasDatabase = Object.keys(coturn.extra).some((key) => key.endsWith('userdb'));
  return credentials.secret === undefined && (coturn.supervise || hasDatabase);
}

export function createCredentials(context: Context, state: State): Credentials {
  const { config, usage, clock, logger } = context;
  const blocked = new BlockedUsers(join(config.dataDir, 'blocked-users.json'), clock);
  const { quota } = config.credentials;
  const today = new UsageToday({ store: usage.store, ownerOf, clock, logger });
  const used: UserUsage = {
    sessionsOf: (user) => state.sessionCounts.of(user),
    bytesTodayOf: (user) => today.of(user),
  };
  const admission = new Admission(blocked, quota, used);
  const loading: Service = {
    name: 'blocked users',
    start: () => blocked.load(),
    stop: () => Promise.resolve(),
  };
  const audit = createAuditLog({ file: join(config.dataDir, 'audit.log'), clock, logger });
  const services = [audit, loading, ...(quota.bytesPerDay === undefined ? [] : [today])];
  if (config.credentials.mode === 'user') {
    const rotation = userRotation(context, () => issuer.usableUntil());
    const issuer = createUserIssuer({ config, active: () => rotation.current(), clock });
    const isLongTermUser = (name: string): boolean => rotation.accepts((user) => user.name === name);
    return { issuer, blocked, audit, rotation, isLongTermUser, services: [...services, rotation] };
  }
  const rotation = rotates(config) ? secretRotation(context, () => issuer.usableUntil()) : undefined;
  const secret = (): string => rotation?.current().value ?? context.secrets.authSecret;
  const issuer = createRestIssuer({ config, secret, admission, clock, logger });
  return {
    issuer: linkedIssuer(issuer, context, state.traces),
    blocked,
    audit,
    rotation,
    isLongTermUser: () => false,
    services: rotation ? [...services, rotation] : services,
  };
}

function secretRotation(context: Context, usableUntil: () => number): Rotation<string> {
  const { config, secrets, tracer, clock, logger } = context;
  return new Rotation({
    name: 'secret',
    file: new RingFile(join(config.dataDir, 'rest-secrets.json'), z.string().min(16)),
    table: secretTable(turnAdmin(config, logger)),
    first: () => ({ value: secrets.authSecret, madeAt: modifiedAt(secretsFile(config.dataDir)) ?? clock.now() }),
    make: makeSecret,
    everyMs: config.credentials.rotateEvery * 1000,
    usableUntil,
    tracer,
    clock,
    logger,
  });
}

function userRotation({ config, tracer, clock, logger }: Context, usableUntil: () => number): Rotation<LongTermUser> {
  return new Rotation({
    name: 'long-term user',
    file: new RingFile(join(config.dataDir, 'turn-users.json'), longTermUser),
    table: userTable(turnAdmin(config, logger)),
    first: () => ({ value: makeLongTermUser(), madeAt: clock.now() }),
    make: makeLongTermUser,
    everyMs: config.credentials.rotateEvery * 1000,
    usableUntil,
    tracer,
    clock,
    logger,
  });
}

function turnAdmin(config: Config, logger: Logger): TurnAdmin {
  const { binary, realm } = config.coturn;
  return new TurnAdmin({ coturn: binary, database: userDatabase(config), realm, logger });
}

/** What the HTTP API does with credentials. */
export function credentialCalls(
  credentials: Credentials,
  allocations: UserAllocations,
  shared: Fleet['blocks'] | undefined,
  drain: Pick<Drain, 'assertServing'>,
): CredentialCalls {
  const { issuer, blocked, audit, rotation, isLongTermUser } = credentials;
  const rotate = async (atOnce = false): Promise<{ acceptedUntil: number }> => {
    if (rotation) return await rotation.rotate(atOnce);
    throw new UserError('conflict', 'The configuration gives the secret (credentials.secret): change it there.');
  };
  const { counts } = issuer;
  const usableUntil = (): number => issuer.usableUntil();
  const revoker = new Revoker({
    blocked,
    allocations,
    counts,
    usableUntil,
    rotateAtOnce: () => rotate(true),
    share: shared && ((user) => shared.share(fingerprintOf(user))),
  });
  shared?.onBlocked((users) => void allocations.end((owner) => users.has(fingerprintOf(owner))));
  return {
    issuer: issuerWhileServing(issuer, drain),
    rotate,
    revoke: (user, until, alsoRotate) =>
      // A long-term user that is revoked is deleted, and another takes its place.
      revoker.revoke(user, until, alsoRotate || isLongTermUser(user)),
    audit,
  };
}

/** A relay that is being drained gives no credential for itself. */
function issuerWhileServing(issuer: CredentialIssuer, drain: Pick<Drain, 'assertServing'>): CredentialIssuer {
  return {
    ...issuer,
    issue: (request) => {
      issuer.counts.refused(() => {
        drain.assertServing();
      });
      return issuer.issue(request);
    },
  };
}
