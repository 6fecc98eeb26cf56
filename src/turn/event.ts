import type { Leg, LegCounts } from './counts';
import type { Transport } from './transport';

/**
 * Which allocation. `origin` is whatever makes coturn's ids unique: one life of one server, opened at the relay.
 * coturn's 18 digits do not fit a double, so they stand as two numbers of nine digits.
 */
export interface AllocationId {
  readonly origin: number;
  readonly high: number;
  readonly low: number;
}

/** Who made the allocation. Either may be empty: coturn without a realm, coturn without authentication. */
export interface Principal {
  readonly realm: string;
  readonly username: string;
}

/** What a `status` message tells beside the lifetime; older coturns tell nothing. */
export interface Endpoint {
  readonly transport: Transport;
  /** The client's address, `ip:port`, or empty. */
  readonly remote: string;
}

/**
 * What a source tells of an allocation. `principal` is asked for only while the event is applied, and only where the
 * allocation is not known yet: so a source that reads bytes makes no string for each message.
 */
export type TurnEvent = AllocationId & { readonly principal: () => Principal } & (
    | {
        readonly kind: 'new' | 'refreshed';
        /** 0: the client is about to delete it. */
        readonly lifetimeSeconds: number;
        readonly endpoint: Endpoint;
      }
    | {
        /** Its server has listed it as under way. */
        readonly kind: 'found';
        readonly ageSeconds: number;
        readonly lifetimeSeconds: number;
        readonly endpoint: Endpoint;
      }
    | (LegCounts & {
        /** `traffic` is the difference since the last report, `totals` the sums of the allocation's life. */
        readonly kind: 'traffic' | 'totals';
        readonly leg: Leg;
      })
    | { readonly kind: 'deleted' }
  );

/** An event that tells of a leg. */
export type LegEvent = Extract<TurnEvent, { readonly leg: Leg }>;
/** What coturn tells when it gives an allocation a lifetime. */
export type StatusEvent = Extract<TurnEvent, { readonly kind: 'new' | 'refreshed' }>;
export type FoundEvent = Extract<TurnEvent, { readonly kind: 'found' }>;

/** What became of an event. `unknown` ones are of an allocation that was never seen and that they do not prove. */
export type Outcome = 'applied' | 'unknown' | 'full';
