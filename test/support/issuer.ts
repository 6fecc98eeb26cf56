import { pino } from 'pino';
import { configSchema } from '../../src/config/schema';
import { Admission } from '../../src/credentials/admission';
import { BlockedUsers } from '../../src/credentials/blocked-users';
import { createRestIssuer, type CredentialIssuer } from '../../src/credentials/issuer';
import { systemClock } from '../../src/lib/clock';

/** An issuer of REST credentials that refuses nobody. `now`: milliseconds since the epoch. */
export function testIssuer(
  secret: string,
  config: object = {},
  { now = (): number => Date.now(), logger = pino({ enabled: false }) } = {},
): CredentialIssuer {
  const clock = { ...systemClock, now };
  const nobody = { sessionsOf: () => 0, bytesTodayOf: () => 0 };
  const admission = new Admission(new BlockedUsers('/nonexistent/blocked-users.json', clock), {}, nobody);
  return createRestIssuer({ config: configSchema.parse(config), secret: () => secret, admission, clock, logger });
}
