import { formatLimit, type Limit } from '../config/limits';
import type { Config } from '../config/schema';
import { isLoopback } from '../lib/loopback';
import { addressGroup } from './address-group';
import { RequestError } from './http-error';
import type { WindowCounter } from './window-counter';

type LimitName = keyof Config['credentials']['limits'];
type Limits = Readonly<Partial<Record<LimitName, Limit | 'unlimited'>>>;

/** Whom a request counts for. */
interface RequestCount {
  /** The name of the key that was shown. */
  readonly key: string | undefined;
  /** The socket's. What a proxy says of its clients is not believed: anybody could say it. */
  readonly address: string | undefined;
  /** Unset: none, such as a name made for one credential, which has no other. */
  readonly user: string | undefined;
}

/** How many may be asked for. */
export interface RequestLimits {
  /** Counts one. Rejects with a `too_many` that says which limit and when again; then nothing is counted. */
  take(whose: RequestCount): Promise<void>;
}

interface NamedLimit {
  readonly name: LimitName;
  readonly limit: Limit;
  readonly counter: WindowCounter;
}

const WHO: Record<LimitName, string> = { perKey: 'This key', perAddress: 'This address', perUser: 'This user' };

/** How a refusal says which limit it is. */
interface Wording {
  /** `credentials.limits` */
  readonly section: string;
  /** What the key, address or user has done. */
  readonly enough: string;
}

const OF_CREDENTIALS: Wording = { section: 'credentials.limits', enough: 'has had its credentials' };

export function createRequestLimits(limits: Limits, onRefused: () => void, wording = OF_CREDENTIALS): RequestLimits {
  let counting: Promise<readonly NamedLimit[]> | undefined;
  return {
    async take({ key, address, user }) {
      const subjects = { perKey: key, perAddress: countedAddress(address), perUser: user };
      const giveBack: (() => Promise<void>)[] = [];
      for (const { name, limit, counter } of await (counting ??= namedLimits(limits))) {
        const subject = subjects[name];
        if (subject === undefined) continue;
        const waitMs = await counter.take(subject);
        giveBack.push(() => counter.giveBack(subject));
        if (waitMs === 0) continue;
        for (const undo of giveBack) await undo();
        onRefused();
        throw refusal(name, limit, waitMs, wording);
      }
    },
  };
}

/** What counts is loaded with the first request that is counted: an agent starts the sooner without it. */
async function namedLimits({ perKey, perAddress, perUser }: Limits): Promise<readonly NamedLimit[]> {
  const { countEach, countHashed } = await import('./window-counter.js');
  return [
    ...namedLimit('perKey', perKey, countEach),
    ...namedLimit('perAddress', perAddress, countHashed),
    ...namedLimit('perUser', perUser, countHashed),
  ];
}

function namedLimit(
  name: LimitName,
  limit: Limit | 'unlimited' | undefined,
  count: (limit: Limit) => WindowCounter,
): NamedLimit[] {
  return limit === undefined || limit === 'unlimited' ? [] : [{ name, limit, counter: count(limit) }];
}

/**
 * Of this machine's own addresses none is counted: from there ask its programs, which have no key to be counted by and
 * could ask coturn's secret as well, and proxies, behind which all the world would be one address. Whoever comes through a
 * proxy shows a key (loopback.ts), and that is counted.
 */
function countedAddress(address: string | undefined): string | undefined {
  return address === undefined || isLoopback(address) ? undefined : addressGroup(address);
}

function refusal(name: LimitName, limit: Limit, waitMs: number, { section, enough }: Wording): RequestError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const which = `${section}.${name}: ${formatLimit(limit)}`;
  const message = `${WHO[name]} ${enough} for now (${which}): try again in ${seconds} s.`;
  return new RequestError(429, 'too_many', message, { 'Retry-After': String(seconds) });
}
