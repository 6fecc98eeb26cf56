import type { Left } from './drained-relay';
import type { Stage } from './stage';

/** How it stands; times are milliseconds since the epoch. */
export type DrainProgress =
  | ({ readonly state: 'serving' } & Left)
  | ({
      readonly state: Stage;
      readonly startedAt: number;
      /** When what is left is ended. */
      readonly deadlineAt: number;
      /** coturn refuses new allocations. Otherwise clients that hold a credential can still make some. */
      readonly refusing: boolean;
      /** Allocations that the deadline ended. */
      readonly ended: number;
    } & Left);
