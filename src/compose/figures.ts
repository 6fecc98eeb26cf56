import { stat } from 'node:fs/promises';
import type { UsageFigures } from '../collectors/usage';
import type { Config } from '../config/schema';
import { secretsFile } from '../config/secret-store';
import type { Context } from './context';
import type { State } from './state';

export function usageFigures({ usage }: Context, { ledger, recovery }: State): UsageFigures {
  const { shipper } = usage;
  return {
    written: ledger.written,
    pending: ledger.pending + (shipper?.waiting ?? 0),
    dropped: ledger.dropped,
    ledgerUp: ledger.problem === undefined,
    storeUp: (shipper ?? ledger).problem === undefined,
    recovered: recovery?.filler.recovered ?? 0,
    leftOut: { ...recovery?.filler.leftOut },
  };
}

/** A configured secret has no age that we know. */
export async function secretMadeAt(config: Config): Promise<number | undefined> {
  if (config.credentials.secret !== undefined) return undefined;
  const { mtimeMs } = await stat(secretsFile(config.dataDir));
  return mtimeMs;
}
