import type { UsageFigures } from '../collectors/usage';
import type { Config } from '../config/schema';
import { secretsFile } from '../config/secret-store';
import { modifiedAt } from '../lib/modified-at';
import type { Context } from './context';
import type { Credentials } from './credentials';
import type { Settlement } from './settlement';
import type { State } from './state';

export function usageFigures(
  { usage }: Context,
  { ledger, recovery }: State,
  settlement: Settlement | undefined,
): UsageFigures {
  const { shipper } = usage;
  return {
    written: ledger.written,
    pending: ledger.pending + (shipper?.waiting ?? 0),
    dropped: ledger.dropped,
    ledgerUp: ledger.problem === undefined,
    storeUp: (shipper ?? ledger).problem === undefined,
    recovered: recovery?.filler.recovered ?? 0,
    settledForOthers: settlement?.settler.settled ?? 0,
    leftOut: { ...recovery?.filler.leftOut },
  };
}

/** A configured secret has no age that we know. */
export function secretMadeAt(config: Config, rotation: Credentials['rotation']): number | undefined {
  if (rotation) return rotation.madeAt();
  return config.credentials.secret === undefined ? modifiedAt(secretsFile(config.dataDir)) : undefined;
}
