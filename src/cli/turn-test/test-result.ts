import type { FailureKind } from './turn-failure';

/** What came of an Allocate request. Addresses are `ip:port`; realm and reason are hostile text. */
export type AllocationOutcome =
  | {
      readonly outcome: 'granted';
      /** Unset: the server asked for no credential. */
      readonly realm: string | undefined;
      readonly relayedAddress: string;
      readonly lifetimeSeconds: number;
      /** Whether the server confirmed that the allocation is closed again. */
      readonly givenBack: boolean;
    }
  | {
      readonly outcome: 'refused';
      readonly realm: string | undefined;
      /** STUN's: 300 to 699. */
      readonly code: number;
      readonly reason: string;
    };

/** What came of trying a credential at one TURN URI. */
export type TestResult = {
  readonly uri: string;
  /** The server's `ip:port`; unset where its name could not be looked up. */
  readonly address?: string;
} & (
  | AllocationOutcome
  | { readonly outcome: FailureKind; readonly detail: string | undefined }
  | { readonly outcome: 'untested'; readonly detail: string }
);
