import type { Names } from './names';
import type { Origins } from './origins';
import type { RunningTotals } from './running-totals';
import type { UserTable } from './user-table';

/** What allocations and sessions refer to by number. */
export interface Registers {
  readonly users: UserTable;
  readonly servers: Names;
  readonly totals: RunningTotals;
  readonly origins: Origins;
  /** How many rows a table reserves. */
  readonly capacity: number;
}
